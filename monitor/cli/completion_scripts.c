/* SPDX-License-Identifier: Apache-2.0 */

/* The scripts. bash and zsh get one function each that looks for the command among the words, then for an option before the cursor
 * that wants a value, then for an argument; fish gets a line for each option. */

#include <string.h>

#include "monitor/cli/completion.h"

/* ---- Words ---- */

static bool has_two_words(const struct cli_command *c)
{
        return strchr(c->name, ' ') != NULL;
}

static struct str first_word(const struct cli_command *c)
{
        struct str name = str_of(c->name), word;

        str_cut(&name, ' ', &word);
        return word;
}

/* First words of commands, each once; then for each of those with another the second ones. */
static void put_first_words(struct strbuf *out)
{
        const struct cli_command *all;
        size_t n = cli_commands(&all);

        for (size_t i = 0; i < n; i++) {
                bool is_new = true;

                for (size_t k = 0; k < i; k++)
                        is_new &= !str_eq(first_word(&all[k]), first_word(&all[i]));
                if (is_new)
                        strbuf_addf(out, "%s" STR_FMT, i ? " " : "", STR_ARG(first_word(&all[i])));
        }
}

static void put_second_words(struct strbuf *out)
{
        const struct cli_command *all;
        size_t n = cli_commands(&all);

        for (size_t i = 0; i < n; i++) {
                struct str word = first_word(&all[i]);

                if (!has_two_words(&all[i]) || (i > 0 && str_eq(first_word(&all[i - 1]), word) && has_two_words(&all[i - 1])))
                        continue;
                strbuf_addf(out, "        " STR_FMT ") echo '", STR_ARG(word));
                for (size_t k = 0; k < n; k++)
                        if (has_two_words(&all[k]) && str_eq(first_word(&all[k]), word))
                                strbuf_addf(out, "%s ", all[k].name + word.n + 1);
                strbuf_addz(out, "' ;;\n");
        }
}

/* In single quotes. */
static void put_quoted(struct strbuf *out, const char *text)
{
        strbuf_addc(out, '\'');
        for (; *text; text++)
                if (*text == '\'')
                        strbuf_addz(out, "'\\''");
                else
                        strbuf_addc(out, *text);
        strbuf_addc(out, '\'');
}

/* ---- bash and zsh ---- */

/* One line of what there is at a place: "words a b", "files", "folders", "ask rules", "nothing". */
static void put_action(struct strbuf *out, const struct completion_value *value, struct str words)
{
        if (words.n > 0)
                strbuf_addf(out, "'words " STR_FMT "'", STR_ARG(words));
        else if (value->by == COMPLETE_ASKED)
                strbuf_addf(out, "'ask %s'", value->kind);
        else
                strbuf_addz(out, value->by == COMPLETE_FILES ? "files" : value->by == COMPLETE_FOLDERS ? "folders" : "nothing");
}

static void put_option_value(void *userdata, const struct cli_option *o)
{
        struct strbuf *out = userdata;

        if (!o->arg)
                return;
        strbuf_addf(out, "        '%s --%s'", o->command->name, o->name);
        if (o->letter)
                strbuf_addf(out, "|'%s -%c'", o->command->name, o->letter);
        strbuf_addz(out, ") echo ");
        put_action(out, completion_of(o->arg), o->words);
        strbuf_addz(out, " ;;\n");
}

static void put_option_name(void *userdata, const struct cli_option *o)
{
        strbuf_addf(userdata, "--%s ", o->name);
        if (o->letter)
                strbuf_addf(userdata, "-%c ", o->letter);
}

static bool is_literal(struct str word)
{
        for (size_t i = 0; i < word.n; i++)
                if ((word.p[i] < 'a' || word.p[i] > 'z') && word.p[i] != '-' && word.p[i] != '|')
                        return false;
        return word.n > 0;
}

/* The arguments of a command by their number, the last for all that follow when it is repeated: "ALERT me|not-me|undo". */
static void put_arguments(struct strbuf *out, const struct cli_command *c)
{
        struct str rest = str_of(c->args), word;
        unsigned n = 0;

        while (rest.n > 0 && str_cut(&rest, ' ', &word)) {
                CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
                bool is_repeated = str_find(word, STR("…")) != SIZE_MAX;

                if (word.n == 0 || word.p[0] == '-')
                        break; /* an option that is needed */
                strbuf_add(&text, word);
                strbuf_addf(out, "        '%s '%s) echo ", c->name, is_repeated ? "*" : (const char[]){ (char)('0' + n), '\0' });
                for (size_t i = 0; is_literal(word) && i < text.n; i++)
                        text.p[i] = text.p[i] == '|' ? ' ' : text.p[i];
                put_action(out, completion_of(text.p ? text.p : ""), is_literal(word) ? strbuf_str(&text) : STR_NONE);
                strbuf_addz(out, " ;;\n");
                n++;
        }
}

/* Functions that say what the tables do: the same for both shells. */
static void put_tables(struct strbuf *out)
{
        const struct cli_command *all;
        size_t n = cli_commands(&all);

        strbuf_addz(out, "_shopbell_second() {\n    case \"$1\" in\n");
        put_second_words(out);
        strbuf_addz(out, "    esac\n}\n\n_shopbell_is_command() {\n    case \"$1\" in\n");
        for (size_t i = 0; i < n; i++)
                strbuf_addf(out, "        '%s') return 0 ;;\n", all[i].name);
        strbuf_addz(out, "    esac\n    return 1\n}\n\n_shopbell_options() {\n    case \"$1\" in\n");
        for (size_t i = 0; i < n; i++) {
                strbuf_addf(out, "        '%s') echo '", all[i].name);
                cli_each_option(&all[i], put_option_name, out);
                strbuf_addz(out, "--help' ;;\n");
        }
        strbuf_addz(out, "    esac\n}\n\n# $1: \"COMMAND --option\"; nothing for a flag.\n_shopbell_value() {\n    case \"$1\" in\n");
        for (size_t i = 0; i < n; i++)
                cli_each_option(&all[i], put_option_value, out);
        strbuf_addz(out, "    esac\n}\n\n# $1: \"COMMAND number\".\n_shopbell_argument() {\n    case \"$1\" in\n");
        for (size_t i = 0; i < n; i++)
                put_arguments(out, &all[i]);
        strbuf_addz(out, "    esac\n}\n\n");
}

/* What is to be completed behind the words $@, the last of which is begun: a line as of put_action(). Sets no variable of the shell's user. */
static const char walk[] =
        "_shopbell_action() {\n"
        "    local cmd='' cur='' word value skip='' number=0 all='" ;
static const char walk_rest[] =
        "'\n"
        "    shift\n"
        "    while [ $# -gt 1 ]; do\n"
        "        word=$1\n"
        "        shift\n"
        "        if [ -n \"$skip\" ]; then\n"
        "            [ \"$word\" = '=' ] || skip=''\n"
        "            continue\n"
        "        fi\n"
        "        case $word in\n"
        "            --*=*) continue ;;\n"
        "            -*)\n"
        "                [ -n \"$(_shopbell_value \"$cmd $word\")\" ] && skip=$word\n"
        "                continue ;;\n"
        "        esac\n"
        "        if [ -z \"$cmd\" ]; then\n"
        "            cmd=$word\n"
        "        elif [ $number -eq 0 ] && _shopbell_is_command \"$cmd $word\"; then\n"
        "            cmd=\"$cmd $word\"\n"
        "        else\n"
        "            number=$((number + 1))\n"
        "        fi\n"
        "    done\n"
        "    cur=$1\n"
        "    if [ -n \"$skip\" ]; then\n"
        "        _shopbell_value \"$cmd $skip\"\n"
        "    elif [ -z \"$cmd\" ]; then\n"
        "        echo \"words $all\"\n"
        "    else\n"
        "        case $cur in\n"
        "            -*) echo \"words $(_shopbell_options \"$cmd\")\" ;;\n"
        "            *)\n"
        "                value=''\n"
        "                case $cmd in *' '*) ;; *) [ $number -eq 0 ] && value=$(_shopbell_second \"$cmd\") ;; esac\n"
        "                if [ -n \"$value\" ]; then echo \"words $value\"; else _shopbell_argument \"$cmd $number\"; fi ;;\n"
        "        esac\n"
        "    fi\n"
        "}\n\n"
        "# The state folder that the words name, for what is asked of the store.\n"
        "_shopbell_ask() {\n"
        "    local program=$1 kind=$2 word before='' state=''\n"
        "    shift 2\n"
        "    for word in \"$@\"; do\n"
        "        case $word in --state=*) state=${word#--state=} ;; esac\n"
        "        [ \"$before\" = '--state' ] && [ \"$word\" != '=' ] && state=$word\n"
        "        [ \"$word\" = '=' ] || before=$word\n"
        "    done\n"
        "    case $kind in rules|sources) state='' ;; esac\n"
        "    if [ -n \"$state\" ]; then \"$program\" completion \"$kind\" --state \"$state\"; else \"$program\" completion \"$kind\"; fi 2>/dev/null\n"
        "}\n\n";

static void put_walk(struct strbuf *out)
{
        strbuf_addz(out, walk);
        put_first_words(out);
        strbuf_addz(out, walk_rest);
}

void completion_bash(struct strbuf *out)
{
        strbuf_addz(out, "# bash completion of shopbell; made by `shopbell completion bash`\n\n");
        put_tables(out);
        put_walk(out);
        strbuf_addz(out,
                    "_shopbell() {\n"
                    "    local cur=${COMP_WORDS[COMP_CWORD]} action line\n"
                    "    COMPREPLY=()\n"
                    "    [ \"$cur\" = '=' ] && cur=''\n"
                    "    action=$(_shopbell_action \"${COMP_WORDS[@]:0:COMP_CWORD}\" \"$cur\")\n"
                    "    case $action in\n"
                    "        'words '*) mapfile -t COMPREPLY < <(compgen -W \"${action#words }\" -- \"$cur\") ;;\n"
                    "        files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
                    "        folders) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
                    "        'ask '*)\n"
                    "            while IFS=$'\\t' read -r line _; do\n"
                    "                [[ $line == \"$cur\"* ]] && COMPREPLY+=(\"$(printf '%q' \"$line\")\")\n"
                    "            done < <(_shopbell_ask \"${COMP_WORDS[0]}\" \"${action#ask }\" \"${COMP_WORDS[@]}\") ;;\n"
                    "    esac\n"
                    "}\n"
                    "complete -F _shopbell shopbell\n");
}

void completion_zsh(struct strbuf *out)
{
        strbuf_addz(out, "#compdef shopbell\n# zsh completion of shopbell; made by `shopbell completion zsh`\n\n");
        put_tables(out);
        put_walk(out);
        strbuf_addz(out,
                    "_shopbell() {\n"
                    "    local action line cur=${words[CURRENT]}\n"
                    "    local -a found\n"
                    "    action=$(_shopbell_action \"${(@)words[1,CURRENT]}\")\n"
                    "    case $action in\n"
                    "        'words '*) compadd -- ${=action#words } ;;\n"
                    "        files) _files ;;\n"
                    "        folders) _files -/ ;;\n"
                    "        'ask '*)\n"
                    "            _shopbell_ask \"${words[1]}\" \"${action#ask }\" \"${(@)words}\" | while IFS= read -r line; do\n"
                    "                found+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
                    "            done\n"
                    "            _describe ${action#ask } found ;;\n"
                    "    esac\n"
                    "}\n"
                    "if [ \"$funcstack[1]\" = _shopbell ]; then _shopbell \"$@\"; else compdef _shopbell shopbell; fi\n");
}

/* ---- fish ---- */

static void put_fish_value(struct strbuf *out, const struct completion_value *value, struct str words)
{
        if (words.n > 0)
                strbuf_addf(out, " -x -a '" STR_FMT "'", STR_ARG(words));
        else if (value->by == COMPLETE_ASKED)
                strbuf_addf(out, " -x -a '(__shopbell_ask %s)'", value->kind);
        else if (value->by == COMPLETE_FOLDERS)
                strbuf_addz(out, " -x -a '(__fish_complete_directories)'");
        else
                strbuf_addz(out, value->by == COMPLETE_FILES ? " -r -F" : " -x");
}

static void put_fish_option(void *userdata, const struct cli_option *o)
{
        struct strbuf *out = userdata;

        strbuf_addf(out, "complete -c shopbell -n '__shopbell_is %s' -l %s", o->command->name, o->name);
        if (o->letter)
                strbuf_addf(out, " -s %c", o->letter);
        if (o->arg)
                put_fish_value(out, completion_of(o->arg), o->words);
        strbuf_addz(out, " -d ");
        put_quoted(out, o->help);
        strbuf_addc(out, '\n');
}

static void put_fish_arguments(struct strbuf *out, const struct cli_command *c)
{
        struct str rest = str_of(c->args), word;

        while (rest.n > 0 && str_cut(&rest, ' ', &word)) {
                CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

                if (word.n == 0 || word.p[0] == '-')
                        break;
                strbuf_add(&text, word);
                for (size_t i = 0; is_literal(word) && i < text.n; i++)
                        text.p[i] = text.p[i] == '|' ? ' ' : text.p[i];
                strbuf_addf(out, "complete -c shopbell -n '__shopbell_is %s'", c->name);
                put_fish_value(out, completion_of(text.p ? text.p : ""), is_literal(word) ? strbuf_str(&text) : STR_NONE);
                strbuf_addc(out, '\n');
        }
}

void completion_fish(struct strbuf *out)
{
        const struct cli_command *all;
        size_t n = cli_commands(&all);

        strbuf_addz(out,
                    "# fish completion of shopbell; made by `shopbell completion fish`\n\n"
                    "# The words so far that are no options, the first of them $argv[1].\n"
                    "function __shopbell_is\n"
                    "    set -l words (commandline -opc | string match -v -- '-*')\n"
                    "    set -l last (math (count $argv) + 1)\n"
                    "    test (count $words) -ge $last; and test \"$words[2..$last]\" = \"$argv\"\n"
                    "end\n"
                    "function __shopbell_begins\n"
                    "    set -l words (commandline -opc | string match -v -- '-*')\n"
                    "    test (count $words) -eq (math (count $argv) + 1); and test \"$words[2..]\" = \"$argv\"\n"
                    "end\n"
                    "function __shopbell_ask\n"
                    "    set -l words (commandline -opc)\n"
                    "    set -l at (contains -i -- --state $words)\n"
                    "    if test -n \"$at\"; and contains $argv[1] alerts people silences\n"
                    "        $words[1] completion $argv[1] --state $words[(math $at + 1)] 2>/dev/null\n"
                    "    else\n"
                    "        $words[1] completion $argv[1] 2>/dev/null\n"
                    "    end\n"
                    "end\n\n"
                    "complete -c shopbell -f\n");
        for (size_t i = 0; i < n; i++) {
                struct str word = first_word(&all[i]);

                if (has_two_words(&all[i]))
                        strbuf_addf(out, "complete -c shopbell -n '__shopbell_begins " STR_FMT "' -a %s -d ", STR_ARG(word), all[i].name + word.n + 1);
                else
                        strbuf_addf(out, "complete -c shopbell -n __shopbell_begins -a %s -d ", all[i].name);
                put_quoted(out, all[i].help);
                strbuf_addc(out, '\n');
                if (has_two_words(&all[i]))
                        strbuf_addf(out, "complete -c shopbell -n __shopbell_begins -a " STR_FMT "\n", STR_ARG(word));
                cli_each_option(&all[i], put_fish_option, out);
                put_fish_arguments(out, &all[i]);
        }
}
