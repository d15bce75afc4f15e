/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target of matching. The bytes are detections, one a YAML document, then a line "====", then the values of a record, one
 * a line: the field's name, a letter for the kind, the text ("a s some text"); \n in a text is a newline.
 *
 *     {s: {a|contains: x}, condition: s}
 *     ====
 *     a s axb
 *     n n 5
 *
 * What the program of all detections says must be what each says alone. */

#include "tests/fuzz/sigma_rig.h"

static struct str unescape(struct rig *rig, struct str text)
{
        char *to = arena_alloc(rig->arena, text.n + 1);
        size_t n = 0;

        rig_check(to);
        for (size_t i = 0; i < text.n; i++) {
                bool is_newline = text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == 'n';

                to[n++] = is_newline ? '\n' : text.p[i];
                i += is_newline;
        }
        return str_from(to, n);
}

/* As the parsers would hand it over. */
static void add_value(struct rig *rig, struct str line)
{
        static const char letters[] = "ns_bo";
        static const enum value_kind kinds[] = { VALUE_NUMBER, VALUE_STRING, VALUE_NULL, VALUE_BOOL, VALUE_OBJECT };
        struct str rest = line, name, kind;
        const char *letter;
        uint32_t slot;

        if (!str_cut(&rest, ' ', &name) || !str_cut(&rest, ' ', &kind) || kind.n != 1)
                return;
        slot = rig_slot(name);
        letter = strchr(letters, kind.p[0]);
        if (slot == UINT32_MAX || !kind.p[0] || !letter)
                return;
        rest = rest.p ? unescape(rig, rest) : STR("");
        switch (kinds[letter - letters]) {
        case VALUE_NUMBER:
                if (!number_is_valid(rest))
                        return;
                rest = number_canonical(rig->arena, rest);
                break;
        case VALUE_NULL: rest = STR("null"); break;
        case VALUE_BOOL: rest = rest.n > 0 ? STR("true") : STR("false"); break;
        case VALUE_STRING:
        case VALUE_OBJECT: break;
        }
        rig_value(rig, slot, kinds[letter - letters], rest);
}

static void add_detections(struct rig *rig, const struct yaml_file *file, struct sigma_detection **detections,
                           size_t max)
{
        static const struct sigma_options options;

        for (size_t i = 0; i < file->n && i < max; i++) {
                struct err err = { 0 };

                if (sigma_detection_compile(rig->arena, file->docs[i], "fuzz.yml", &options, &detections[i], &err) < 0)
                        rig_check(err.text[0] && !detections[i]);
                else
                        rig_member(rig, detections[i], NULL);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        static const struct str line = { "\n====\n", 6 };
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        struct str text = rig_text(data, n), rest, value;
        struct sigma_detection *detections[RIG_MEMBERS_MAX] = { NULL };
        bool holds[RIG_MEMBERS_MAX];
        size_t at = str_find(text, line);
        struct rig rig;
        struct err err;

        if (at == SIZE_MAX || yaml_parse(str_from(text.p, at), "fuzz.yml", &file, &err) < 0)
                return 0;
        rig_open(&rig);
        add_detections(&rig, file, detections, RIG_MEMBERS_MAX);
        rest = utf8_clean(rig.arena, str_from(text.p + at + line.n, n - at - line.n));
        while (str_cut(&rest, '\n', &value))
                add_value(&rig, value);
        rig_match(&rig, holds);
        for (size_t i = 0; i < RIG_MEMBERS_MAX; i++)
                sigma_detection_done(detections[i]);
        rig_close(&rig);
        return 0;
}
