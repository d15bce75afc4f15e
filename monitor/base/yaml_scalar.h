/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_YAML_SCALAR_H
#define SHOPBELL_BASE_YAML_SCALAR_H

/* What a plain scalar means in YAML 1.1 (https://yaml.org/type/), as PyYAML, which Sigma's tools use, reads it. Dates
 * and numbers with colons are text. Only base/yaml.c uses this. */

#include "monitor/base/arena.h"
#include "monitor/base/yaml.h"

enum { YAML_INT_DIGITS_MAX = 1024 }; /* of an integer that is not decimal; longer ones are text */

/* Sets kind, flag and text of `ret` (the text is `plain` itself or lives in the arena). 0 or -ENOMEM. */
int yaml_scalar_resolve(struct arena *arena, struct str plain, struct yaml *ret);

#endif
