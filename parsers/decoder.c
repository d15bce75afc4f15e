/* SPDX-License-Identifier: Apache-2.0 */

/* The table of decoders. decoder.h says how to add one. */

#include "parsers/decoder.h"

static const struct decoder *const decoders[] = { &decoder_cef,      &decoder_csv,   &decoder_json,
                                                &decoder_keyvalue, &decoder_leef,  &decoder_mail,
                                                &decoder_regex,    NULL };

const struct decoder *decoder_get(size_t i)
{
        return i < ARRAY_LEN(decoders) ? decoders[i] : NULL;
}

const struct decoder *decoder_find(struct str name)
{
        for (size_t i = 0; decoders[i]; i++)
                if (str_eqz(name, decoders[i]->name))
                        return decoders[i];
        return NULL;
}
