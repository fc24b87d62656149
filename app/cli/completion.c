/* Completions of shells, from the tables that drive the parser and --help. */
#include <string.h>

#include "cli/commands.h"
#include "cli/options_table.h"

static bool is_positional(const struct wt_option *o)
{
    return o->kind == WT_OPTION_POSITIONAL || o->kind == WT_OPTION_REST;
}

/* The tables of a command, one after another: the n-th option; NULL: there are fewer. */
static const struct wt_option *nth(const struct wt_command *command, int n)
{
    const struct wt_option *const table[] = {command->option, command->more,
                                             command->common ? wt_common_table : NULL};
    for (int t = 0; t < 3; t++)
        for (const struct wt_option *o = table[t]; o && o->name; o++)
            if (n-- == 0)
                return o;
    return NULL;
}

static void put_choices(FILE *out, const struct wt_option *o)
{
    for (int i = 0; o->choices[i]; i++)
        fprintf(out, "%s%s", i ? " " : "", o->choices[i]);
}

static void put_names(FILE *out, const struct wt_command_entry *all)
{
    for (const struct wt_command_entry *e = all; wt_command_entry_name(e); e++)
        fprintf(out, "%s%s", e == all ? "" : " ", wt_command_entry_name(e));
}

/* Without the first word: "info" of "model info". */
static const char *short_name(const struct wt_subcommands *all, int i)
{
    return all->list[i]->name + strlen(all->name) + 1;
}

static void put_subcommands(FILE *out, const struct wt_subcommands *all)
{
    for (int i = 0; i < all->count; i++)
        fprintf(out, "%s%s", i ? " " : "", short_name(all, i));
}

/* ---- bash ------------------------------------------------------------------------------------ */

static void bash_options(void *user, const struct wt_command *command)
{
    const struct wt_option *o;
    fprintf(user, "    '%s') echo '--help -h", command->name);
    for (int i = 0; (o = nth(command, i)); i++) {
        if (is_positional(o))
            continue;
        fprintf(user, " %s", o->name);
        if (o->letter)
            fprintf(user, " -%c", o->letter);
    }
    fputs("' ;;\n", user);
}

static void bash_values(void *user, const struct wt_command *command)
{
    static const char *const what[] = {
        [WT_VALUE_OTHER] = "none", [WT_VALUE_FILE] = "files", [WT_VALUE_FOLDER] = "folders"};
    const struct wt_option *o;
    for (int i = 0; (o = nth(command, i)); i++) {
        const enum wt_value_kind kind = wt_option_value_kind(o);
        if (is_positional(o) || kind == WT_VALUE_NONE)
            continue;
        fprintf(user, "    '%s %s'", command->name, o->name);
        if (o->letter)
            fprintf(user, " | '%s -%c'", command->name, o->letter);
        fputs(") echo '", user);
        if (kind == WT_VALUE_WORDS)
            put_choices(user, o);
        else
            fputs(what[kind], user);
        fprintf(user, "' ;;\n");
    }
}

static void bash(const struct wt_command_entry *all, FILE *out)
{
    fputs("# bash completion for wingtip, written by `wingtip --completion bash`\n"
          "_wingtip_options() {\n  case $1 in\n",
          out);
    wt_commands_each(all, out, bash_options);
    fputs("  esac\n}\n\n_wingtip_value() {\n  case \"$1 $2\" in\n", out);
    wt_commands_each(all, out, bash_values);
    fputs("  esac\n}\n\n_wingtip_subcommands() {\n  case $1 in\n", out);
    for (const struct wt_command_entry *e = all; wt_command_entry_name(e); e++)
        if (e->subcommands) {
            fprintf(out, "    %s) echo '", e->subcommands->name);
            put_subcommands(out, e->subcommands);
            fputs("' ;;\n", out);
        }
    fputs(
        "  esac\n}\n\n"
        "_wingtip() {\n"
        "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command words\n"
        "  COMPREPLY=()\n"
        "  if [[ $word == = ]]; then word=; fi\n"
        "  if [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
        "  command=${COMP_WORDS[1]}\n"
        "  if ((COMP_CWORD == 1)); then\n"
        "    COMPREPLY=($(compgen -W '",
        out);
    put_names(out, all);
    fputs(" --help --version --manual --completion' -- \"$word\"))\n"
          "    if [[ $word == -* ]]; then\n"
          "      COMPREPLY+=($(compgen -W \"$(_wingtip_options live)\" -- \"$word\"))\n"
          "    fi\n"
          "    return\n"
          "  fi\n"
          "  if [[ $command == --completion ]]; then\n"
          "    COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$word\"))\n"
          "    return\n"
          "  fi\n"
          "  if [[ $command == -* ]]; then command=live; fi\n"
          "  words=$(_wingtip_subcommands \"$command\")\n"
          "  if [[ $words ]]; then\n"
          "    if ((COMP_CWORD == 2)); then\n"
          "      COMPREPLY=($(compgen -W \"$words --help\" -- \"$word\"))\n"
          "      return\n"
          "    fi\n"
          "    command=\"$command ${COMP_WORDS[2]}\"\n"
          "  fi\n"
          "  words=$(_wingtip_value \"$command\" \"$before\")\n"
          "  case $words in\n"
          "    none) return ;;\n"
          "    folders) compopt -o filenames; COMPREPLY=($(compgen -d -- \"$word\")); return ;;\n"
          "    files | '') ;;\n"
          "    *) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")); return ;;\n"
          "  esac\n"
          "  if [[ -z $words && $word == -* ]]; then\n"
          "    COMPREPLY=($(compgen -W \"$(_wingtip_options \"$command\")\" -- \"$word\"))\n"
          "  else\n"
          "    compopt -o filenames\n"
          "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
          "  fi\n"
          "}\n"
          "complete -F _wingtip wingtip\n",
          out);
}

/* ---- zsh ------------------------------------------------------------------------------------- */

/* Within '...' and an option's [...]. */
static void zsh_text(FILE *out, const char *text)
{
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else if (strchr("[]:\\", *text))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text == '\n' ? ' ' : *text, out);
}

static void zsh_value(FILE *out, const struct wt_option *o)
{
    const enum wt_value_kind kind = wt_option_value_kind(o);
    const char *value = is_positional(o) ? o->name : o->value ? o->value : "value";
    if (kind == WT_VALUE_NONE)
        return;
    fputc(':', out);
    zsh_text(out, value);
    fputc(':', out);
    if (kind == WT_VALUE_WORDS) {
        fputc('(', out);
        put_choices(out, o);
        fputc(')', out);
    } else {
        fputs(kind == WT_VALUE_FILE ? "_files" : kind == WT_VALUE_FOLDER ? "_files -/" : " ", out);
    }
}

static void zsh_option(FILE *out, const char *name, const struct wt_option *o)
{
    fprintf(out, " \\\n        '%s[", name);
    zsh_text(out, o->help);
    fputc(']', out);
    zsh_value(out, o);
    fputc('\'', out);
}

static void zsh_command(void *user, const struct wt_command *command)
{
    FILE *out = user;
    const struct wt_option *o;
    fprintf(out, "    '%s')\n      _arguments -s '(- *)'{-h,--help}'[show help]'", command->name);
    for (int i = 0; (o = nth(command, i)); i++) {
        if (is_positional(o)) {
            fprintf(out, " \\\n        '%s", o->kind == WT_OPTION_REST ? "*" : "");
            zsh_value(out, o);
            fputc('\'', out);
            continue;
        }
        zsh_option(out, o->name, o);
        if (o->letter)
            zsh_option(out, (const char[]){'-', o->letter, 0}, o);
    }
    fputs("\n      ;;\n", out);
}

static void zsh(const struct wt_command_entry *all, FILE *out)
{
    fputs("#compdef wingtip\n# written by `wingtip --completion zsh`\n"
          "_wingtip() {\n  local command=${words[2]} shift_by=1\n"
          "  local -a commands\n"
          "  if ((CURRENT == 2)) && [[ $command != -* ]]; then\n    commands=(",
          out);
    for (const struct wt_command_entry *e = all; wt_command_entry_name(e); e++) {
        fprintf(out, "\n      '%s:", wt_command_entry_name(e));
        zsh_text(out, wt_command_entry_summary(e));
        fputc('\'', out);
    }
    fputs(")\n    _describe command commands\n    return\n  fi\n  case $command in\n", out);
    for (const struct wt_command_entry *e = all; wt_command_entry_name(e); e++)
        if (e->subcommands) {
            fprintf(out, "    %s)\n      if ((CURRENT == 3)); then\n        compadd -- ",
                    e->subcommands->name);
            put_subcommands(out, e->subcommands);
            fputs(" --help\n        return\n      fi\n      command=\"$command ${words[3]}\" "
                  "shift_by=2\n      ;;\n",
                  out);
        }
    fputs("    -*)\n      command=live shift_by=0\n      ;;\n  esac\n"
          "  shift $shift_by words\n  ((CURRENT -= shift_by))\n  case $command in\n",
          out);
    wt_commands_each(all, out, zsh_command);
    fputs("  esac\n}\n"
          "if [[ $funcstack[1] == _wingtip ]]; then\n  _wingtip \"$@\"\nelse\n"
          "  compdef _wingtip wingtip\nfi\n",
          out);
}

/* ---- fish ------------------------------------------------------------------------------------ */

static void fish_text(FILE *out, const char *text)
{
    for (; *text; text++)
        if (*text == '\'' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else
            fputc(*text == '\n' ? ' ' : *text, out);
}

/* The start of a rule that holds behind the command's words. */
static void fish_rule(FILE *out, const struct wt_command *command)
{
    const char *blank = strchr(command->name, ' ');
    fputs("complete -c wingtip -n '__fish_seen_subcommand_from ", out);
    if (blank)
        fprintf(out, "%.*s; and __fish_seen_subcommand_from %s'", (int)(blank - command->name),
                command->name, blank + 1);
    else
        fprintf(out, "%s'", command->name);
}

static void fish_command(void *user, const struct wt_command *command)
{
    FILE *out = user;
    const struct wt_option *o;
    for (int i = 0; (o = nth(command, i)); i++) {
        const enum wt_value_kind kind = wt_option_value_kind(o);
        if (is_positional(o))
            continue;
        fish_rule(out, command);
        fprintf(out, " -l %s", o->name + 2);
        if (o->letter)
            fprintf(out, " -s %c", o->letter);
        if (kind == WT_VALUE_WORDS) {
            fputs(" -x -a '", out);
            put_choices(out, o);
            fputc('\'', out);
        } else if (kind == WT_VALUE_FOLDER) {
            fputs(" -x -a '(__fish_complete_directories)'", out);
        } else if (kind != WT_VALUE_NONE) {
            fputs(kind == WT_VALUE_FILE ? " -r" : " -x", out);
        }
        fputs(" -d '", out);
        fish_text(out, o->help);
        fputs("'\n", out);
    }
    fish_rule(out, command);
    fputs(" -l help -s h -d 'show help'\n", out);
}

static void fish(const struct wt_command_entry *all, FILE *out)
{
    fputs("# fish completion for wingtip, written by `wingtip --completion fish`\n", out);
    for (const struct wt_command_entry *e = all; wt_command_entry_name(e); e++) {
        fprintf(out, "complete -c wingtip -n __fish_use_subcommand -a %s -d '",
                wt_command_entry_name(e));
        fish_text(out, wt_command_entry_summary(e));
        fputs("'\n", out);
        for (int i = 0; e->subcommands && i < e->subcommands->count; i++) {
            fprintf(out,
                    "complete -c wingtip -f -n '__fish_seen_subcommand_from %s; and not "
                    "__fish_seen_subcommand_from ",
                    e->subcommands->name);
            put_subcommands(out, e->subcommands);
            fprintf(out, "' -a %s -d '", short_name(e->subcommands, i));
            fish_text(out, e->subcommands->list[i]->summary);
            fputs("'\n", out);
        }
    }
    fputs("complete -c wingtip -n __fish_use_subcommand -l help -s h -d 'show help'\n"
          "complete -c wingtip -n __fish_use_subcommand -l version -d 'print the version'\n",
          out);
    wt_commands_each(all, out, fish_command);
}

bool wt_commands_completion(const struct wt_command_entry *all, const char *shell, FILE *out)
{
    static const struct {
        const char *name;
        void (*write)(const struct wt_command_entry *all, FILE *out);
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].write(all, out);
            return true;
        }
    return false;
}
