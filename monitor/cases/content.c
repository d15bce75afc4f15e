/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/cases/content.h"

#include "monitor/base/macros.h"

/* To add one: a row here, and a paragraph in each of the templates (a test finds those that lack it). */
static const struct content all[] = {
        { "organisation", "Who we are", { "organisation", "role" } },
        { "nature", "Nature of the breach", { "type", "narrative" } },
        { "when", "When it happened", { "started", "ended" } },
        { "how", "How it happened", { "narrative" } },
        { "cause", "Cause", { "cause" } },
        { "purpose", "Whether somebody meant to do wrong", { "wrongful-purpose", "illegal-access" } },
        { "who-caused", "Who caused it", { "recipient", "cause" } },
        { "systems", "Systems involved", { "systems" } },
        { "detection", "How it was found", { "detected" } },
        { "first-aware", "When and how we became aware", { "@aware", "detected" } },
        { "chronology", "Steps taken since, the assessment among them", { "chronology" } },
        { "data", "Items of data", { "data" } },
        { "people", "Number of people", { "people" } },
        { "records", "Number of records", { "records" } },
        { "vulnerable", "Children and other vulnerable people", { "children" } },
        { "location", "Where it happened", { "systems", "addresses" } },
        { "base", "How many people's data is kept", { "base" } },
        { "damage", "Damage done", { "systems", "people", "loss" } },
        { "ransom", "Ransom", { "ransom" } },
        { "extent", "Extent", { "people", "records" } },
        { "encryption", "Protection of the data", { "encryption" } },
        { "recipient", "Who may hold the data", { "recipient" } },
        { "processors", "Processors involved", { "processors" } },
        { "consequences", "Likely consequences", { "consequences" } },
        { "harm", "Potential harm", { "consequences", "harm-reason" } },
        { "secondary-damage", "Secondary damage", { "secondary-damage" } },
        { "level", "Level of the incident", { "people", "loss", "critical-infrastructure" } },
        { "trend", "How it may go on", { "consequences" } },
        { "containment", "What was done to contain it", { "containment" } },
        { "mitigation", "What we do for people", { "mitigation" } },
        { "measures", "Measures taken", { "containment", "mitigation", "remedy" } },
        { "prevention", "What keeps it from coming again", { "remedy" } },
        { "security-before", "Security measures before the breach", { "security-before" } },
        { "recovery", "Handling and recovery", { "containment", "recovered" } },
        { "advice", "What you can do", { "advice" } },
        { "contact", "Contact", { "contact", "help-desk" } },
        { "officer", "Data protection officer or representative", { "officer", "contact" } },
        { "relief", "Relief and how to ask for it", { "mitigation", "help-desk" } },
        { "damages", "How to claim damages", { "rights" } },
        { "mediation", "Mediation of disputes", { "rights" } },
        { "complaint", "Right to complain", { "rights" } },
        { "authority-told", "Whether the authority was told", { "@told-authority" } },
        { "others-told", "Other authorities told", { "others-told" } },
        { "inform-plan", "How and when people are told", { "inform-plan", "@told-people" } },
        { "notice-report", "Report on notices given", { "notice-report" } },
        { "not-notified", "Why people are not told", { "not-notified" } },
        { "publication", "Publication", { "publication" } },
        { "delay-reason", "Reason for a delay", { "delay-reason" } },
        { "law-enforcement", "Delay asked for by an authority", { "law-enforcement" } },
        { "protection-offer", "Protection of identity", { "protection-offer" } },
        { "size-class", "Size class", { "size-class" } },
        { "responsible", "Responsible department", { "contact" } },
        { "status", "State of the response", { "containment", "remedy" } },
        { "support-needed", "Support that is needed", { "support-needed" } },
        { "clues", "Clues", { "addresses", "evidence-of-use" } },
        { "other", "Anything else", { "chronology", "preserved" } },
        { "sample-notice", "Copy of the notice to people", { "notices-given" } },
        { "next-update", "Next update", { "next-update" } },
};

const struct content *contents(size_t *ret_n)
{
        *ret_n = ARRAY_LEN(all);
        return all;
}

const struct content *content_find(struct str id)
{
        for (size_t i = 0; i < ARRAY_LEN(all); i++)
                if (str_eqz(id, all[i].id))
                        return &all[i];
        return NULL;
}
