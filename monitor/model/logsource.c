/* SPDX-License-Identifier: Apache-2.0 */

/* Which rules apply to which log source (Sigma digest, Documents). */

#include "monitor/model/logsource.h"

static bool fits(struct str rule, struct str source)
{
        return !rule.p || (source.p && str_eq_nocase(rule, source));
}

bool logsource_applies(const struct logsource *rule, const struct logsource *source)
{
        return fits(rule->product, source->product) && fits(rule->category, source->category) &&
               fits(rule->service, source->service);
}

bool logsource_is_generic(const struct logsource *rule)
{
        return rule->product.p && str_eqz(rule->product, "shopbell");
}
