/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/orders.h"

#include "monitor/cases/order.h"

struct given {
        struct store *s;
        struct quiet *q;
        const struct who *by;
        usec now;
        bool seal;
        struct strbuf *answer;
};

static int run_quiet(struct str order, const struct given *g)
{
        return order_run(order, g->s, g->q, g->by, g->now, g->answer);
}

static int run_case(struct str order, const struct given *g)
{
        return case_order_run(order, g->s, g->by, g->now, g->seal, g->answer);
}

/* The first one answers for what nobody knows. */
static const struct room {
        bool (*is)(struct str text);
        const char *(*right)(struct str text);
        int (*run)(struct str order, const struct given *g);
} rooms[] = {
        { order_is, order_right, run_quiet },
        { case_order_is, case_order_right, run_case },
};

static const struct room *room_of(struct str text)
{
        for (size_t i = 0; i < ARRAY_LEN(rooms); i++)
                if (rooms[i].is(text))
                        return &rooms[i];
        return NULL;
}

bool orders_is(struct str text)
{
        return room_of(text) != NULL;
}

const char *orders_right(struct str text)
{
        return room_of(text)->right(text);
}

int orders_run(struct str order, struct store *s, struct quiet *q, const struct who *by, usec now, bool seal, struct strbuf *answer)
{
        const struct given given = { s, q, by, now, seal, answer };
        const struct room *room = room_of(order);

        return (room ? room : &rooms[0])->run(order, &given);
}
