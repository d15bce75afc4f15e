/* SPDX-License-Identifier: Apache-2.0 */

/* The yardstick of `make bench`: the least a program can do with CloudTrail records. It reads an NDJSON file whole, walks
 * each line once with simdjson On-Demand, takes twelve fields, and does nothing with them but fold their bytes into a
 * checksum, so that no read can be optimised away. No rules, no windows, no store, no times.
 *
 *     simd12 FILE        prints: records N fields N seconds S records/s R checksum X
 */

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <simdjson.h>

namespace od = simdjson::ondemand;

struct sum {
        uint64_t checksum = 1469598103934665603u;
        uint64_t fields = 0;

        /* FNV-1a over words of eight bytes: cheap beside parsing, yet it touches every byte. */
        void add(std::string_view text)
        {
                size_t i = 0;

                for (; i + 8 <= text.size(); i += 8) {
                        uint64_t word;

                        memcpy(&word, text.data() + i, 8);
                        checksum = (checksum ^ word) * 1099511628211u;
                }
                for (; i < text.size(); i++)
                        checksum = (checksum ^ static_cast<unsigned char>(text[i])) * 1099511628211u;
                fields++;
        }

        void add_value(simdjson::simdjson_result<od::value> value)
        {
                std::string_view text;

                if (!value.get_string().get(text))
                        add(text);
        }
};

static bool take_identity(simdjson::simdjson_result<od::value> value, sum &sum)
{
        od::object identity;

        if (value.get_object().get(identity))
                return false;
        for (auto field : identity) {
                std::string_view key;

                if (field.unescaped_key().get(key))
                        return false;
                if (key == "type" || key == "userName" || key == "arn" || key == "accountId")
                        sum.add_value(field.value());
        }
        return true;
}

static bool take_record(od::document &doc, sum &sum)
{
        od::object record;

        if (doc.get_object().get(record))
                return false;
        for (auto field : record) {
                std::string_view key;

                if (field.unescaped_key().get(key))
                        return false;
                if (key == "userIdentity") {
                        if (!take_identity(field.value(), sum))
                                return false;
                } else if (key == "eventTime" || key == "eventID" || key == "eventName" || key == "eventSource" ||
                           key == "awsRegion" || key == "sourceIPAddress" || key == "userAgent" || key == "errorCode") {
                        sum.add_value(field.value());
                }
        }
        return true;
}

int main(int argc, char **argv)
{
        simdjson::padded_string text;
        od::parser parser;
        uint64_t records = 0, bad = 0;
        sum sum;

        if (argc != 2) {
                fprintf(stderr, "usage: simd12 FILE.ndjson\n");
                return 2;
        }
        auto start = std::chrono::steady_clock::now();
        if (simdjson::padded_string::load(argv[1]).get(text)) {
                fprintf(stderr, "simd12: %s cannot be read\n", argv[1]);
                return 3;
        }
        const char *p = text.data(), *end = p + text.size();
        while (p < end) {
                const char *newline = static_cast<const char *>(memchr(p, '\n', static_cast<size_t>(end - p)));
                size_t n = static_cast<size_t>((newline ? newline : end) - p);
                od::document doc;

                /* What follows a line is its padding; the last one has the file's own. */
                if (n > 0) {
                        size_t room = static_cast<size_t>(end - p) + simdjson::SIMDJSON_PADDING;

                        if (parser.iterate(p, n, room).get(doc) || !take_record(doc, sum))
                                bad++;
                        else
                                records++;
                }
                p += n + 1;
        }
        double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        printf("records %" PRIu64 " fields %" PRIu64 " seconds %.3f records/s %.0f checksum %016" PRIx64 "\n", records,
               sum.fields, seconds, static_cast<double>(records) / seconds, sum.checksum);
        if (bad)
                fprintf(stderr, "simd12: %" PRIu64 " lines are no records\n", bad);
        return bad ? 1 : 0;
}
