/* SPDX-License-Identifier: Apache-2.0 */

/* The only file that knows simdjson, and the only C++. It runs the first stage of the On-Demand parser, the vectorised
 * one, and hands its list of tokens to C. json_walk.c then does what On-Demand's objects and values would do, because
 * these, in 3.0,
 *
 * - match no bracket with its partner where they skip, and do not know a document's depth: the limit given to
 *   allocate() is asserted in their debug builds only;
 * - compare keys as they are written, escapes and all, and find the first of two equal ones, not the last;
 * - refuse lone surrogates, which real logs hold (text cut in the middle of a character), and integers over 64 bits;
 * - are read forwards only, or again from their start.
 *
 * iterate_raw(), position() and peek_last() are all that is used. They are public, though their comments do not promise
 * them to stay: should they go, this file does not compile. */

#include <simdjson.h>

#include <cerrno>
#include <new>
#include <type_traits>
#include <utility>

#include "parsers/json_simd.h"

namespace ondemand = simdjson::ondemand;

struct json_simd {
        ondemand::parser parser{};
};

using position = std::remove_pointer_t<decltype(std::declval<ondemand::json_iterator>().position())>;
static_assert(std::is_same_v<std::remove_const_t<position>, uint32_t>, "tokens are 32-bit offsets");
static_assert(simdjson::SIMDJSON_PADDING <= 64, "RAW_PADDING is too small");

namespace
{

/* Room for the tokens of texts up to the first length is made at once; up to the second, it is kept. */
constexpr size_t CAPACITY_MIN = 64 * 1024, CAPACITY_KEPT = 4 * 1024 * 1024;

/* simdjson would make room for exactly this text, and again for the next one that is a byte longer. */
simdjson::error_code reserve(ondemand::parser &parser, size_t n) noexcept
{
        size_t capacity = CAPACITY_MIN;

        if (n <= parser.capacity())
                return simdjson::SUCCESS;
        while (capacity < n)
                capacity *= 2;
        return parser.allocate(capacity);
}

int from_simdjson(simdjson::error_code e) noexcept
{
        switch (e) {
        case simdjson::SUCCESS: return 0;
        case simdjson::MEMALLOC: return -ENOMEM;
        case simdjson::CAPACITY: return -E2BIG;
        case simdjson::UTF8_ERROR: return -EILSEQ; /* reported only when nothing else is wrong */
        default: return -EBADMSG;
        }
}

} // namespace

extern "C" struct json_simd *json_simd_new(void) noexcept
{
        return new (std::nothrow) json_simd;
}

extern "C" struct json_simd *json_simd_free(struct json_simd *simd) noexcept
{
        delete simd;
        return nullptr;
}

extern "C" int json_simd_index(struct json_simd *simd, const char *text, size_t n, const uint32_t **ret_tokens,
                               uint32_t *ret_last) noexcept
{
        ondemand::json_iterator tokens;
        simdjson::error_code e;

        if (n == 0) /* iterate_raw() would go on without buffers */
                return -EBADMSG;
        e = reserve(simd->parser, n);
        if (!e)
                e = simd->parser.iterate_raw(simdjson::padded_string_view(text, n, n + simdjson::SIMDJSON_PADDING))
                            .get(tokens);
        if (e)
                return from_simdjson(e);
        *ret_tokens = tokens.position();
        *ret_last = static_cast<uint32_t>(reinterpret_cast<const char *>(tokens.peek_last()) - text);
        return 0;
}

extern "C" void json_simd_trim(struct json_simd *simd) noexcept
{
        if (simd->parser.capacity() > CAPACITY_KEPT)
                simd->parser = ondemand::parser();
}
