/* SPDX-License-Identifier: Apache-2.0 */

/* The parameters of kinds, read from the correlation's own keys. */

#include <stddef.h>

#include "monitor/detect/kind.h"

static bool read_span(const struct yaml *value, usec *ret)
{
        return duration_parse(value->text, ret) >= 0 && *ret >= 0;
}

static bool read_double(const struct yaml *value, double *ret)
{
        measure_t m;

        if (!measure_parse(value->text, &m) || m < 0)
                return false;
        *ret = (double)m / MEASURE_MICRO;
        return true;
}

enum shape { SHAPE_SPAN, SHAPE_DAYS, SHAPE_DOUBLE, SHAPE_COUNT };

/* Parameters of history kinds, keys of the correlation. To add one: a row. */
static const struct {
        const char *key;
        enum shape shape;
        size_t offset;
} keys[] = {
        { "learning", SHAPE_SPAN, offsetof(struct parameters, learning) },
        { "memory", SHAPE_SPAN, offsetof(struct parameters, memory) },
        { "half_life", SHAPE_DAYS, offsetof(struct parameters, half_life) },
        { "k", SHAPE_DOUBLE, offsetof(struct parameters, k) },
        { "distance", SHAPE_DOUBLE, offsetof(struct parameters, distance_km) },
        { "known", SHAPE_COUNT, offsetof(struct parameters, known) },
};

static bool read_key(const struct yaml *value, enum shape shape, void *to)
{
        usec span;

        if (!yaml_is_scalar(value))
                return false;
        switch (shape) {
        case SHAPE_SPAN: return read_span(value, to);
        case SHAPE_DOUBLE: return read_double(value, to);
        case SHAPE_COUNT: return str_to_u64(value->text, to) >= 0;
        case SHAPE_DAYS:
                if (!read_span(value, &span) || span == 0)
                        return false;
                *(double *)to = (double)span / (double)USEC_PER_DAY;
                return true;
        }
        return false;
}

/* NULL, or the key whose value is wrong. */
static const char *read_keys(const struct sigma_correlation *c, struct parameters *ret)
{
        for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
                const struct yaml *value = yaml_get(c->section, keys[i].key);

                if (value && !read_key(value, keys[i].shape, (char *)ret + keys[i].offset))
                        return keys[i].key;
        }
        return NULL;
}

bool parameters_are_right(const struct sigma_correlation *c)
{
        struct parameters p;

        return !read_keys(c, &p);
}

void kind_parameters(const struct kind *kind, const struct sigma_correlation *c, struct parameters *ret)
{
        const struct yaml *percentile = yaml_get(yaml_get(c->section, "condition"), "percentile");

        *ret = kind->defaults;
        ret->n_members = c->n_rules;
        ret->fields = c->fields;
        ret->n_fields = c->n_fields;
        ret->percentile = (measure_t)50 * MEASURE_MICRO;
        if (percentile && yaml_is_scalar(percentile))
                (void)measure_parse(percentile->text, &ret->percentile);
        if (kind->judge)
                (void)read_keys(c, ret);
        if (kind->is_share)
                (void)measure_parse(yaml_get(c->section, "of")->text, &ret->of);
}
