/* SPDX-License-Identifier: Apache-2.0 */

/* What is known of the shop before anything happens, so that nobody has to look for it on the worst day: `shop:` of shopbell.yml. */

#include <unistd.h>

#include "monitor/base/log.h"
#include "monitor/cases/order.h"
#include "monitor/cli/case.h"
#include "monitor/config_files.h"

static int put_field(const struct cli *cli, int64_t id, const struct yaml_pair *pair)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;

        strbuf_addf(&order, "case-add\ncase %lld\nkind set\nstatus confirmed\nevidence shopbell.yml\n", (long long)id);
        case_order_add(&order, "key", pair->key->text);
        case_order_add(&order, "value", pair->value->text);
        if (strbuf_failed(&order)) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        return daemon_order(cli, strbuf_str(&order));
}

static int put_all(const struct cli *cli, int64_t id, const struct yaml *shop)
{
        int code = CLI_OK;

        for (size_t i = 0; shop->kind == YAML_MAP && i < shop->n; i++) {
                int k = yaml_is_scalar(shop->pairs[i].value) ? put_field(cli, id, &shop->pairs[i]) : CLI_OK;

                code = code == CLI_OK ? k : code;
        }
        return code;
}

int case_put_shop(const struct cli *cli, int64_t id)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        const char *path = cli->config ? cli->config : SHOPBELL_CONFIG_FILE;
        struct config_files files;
        int code = CLI_OK;

        if (access(path, R_OK) < 0) {
                if (cli->config)
                        log_error("%s: %m", path);
                return cli->config ? CLI_CANNOT : CLI_OK;
        }
        if (config_files_load(path, &files, &errors) < 0)
                return CLI_CANNOT;
        if (config_files_get(&files, "shop"))
                code = put_all(cli, id, config_files_get(&files, "shop"));
        config_files_done(&files);
        return code;
}
