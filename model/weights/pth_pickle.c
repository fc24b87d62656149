#include "weights/pth_pickle.h"

#include <stdlib.h>
#include <string.h>

#include "weights/text.h"

typedef struct wt_pickle_value value;

/* Values without contents are shared. They are never written to. */
static value none = {WT_PICKLE_NONE}, mark = {WT_PICKLE_MARK}, no_items = {WT_PICKLE_TUPLE},
             object = {WT_PICKLE_OBJECT},
             truths[] = {{WT_PICKLE_BOOL, {false}}, {WT_PICKLE_BOOL, {true}}};

/* ---- stack and arguments of opcodes -------------------------------------------------------- */

static enum wt_status push(struct wt_pickle *p, value *v)
{
    if (!v) /* the failed allocation has logged it */
        return WT_ERR_MEMORY;
    if (p->depth == p->stack_capacity) {
        size_t n = p->depth ? 2 * p->depth : 256;
        value **stack = reallocarray(p->stack, n, sizeof *stack);
        if (!stack)
            return wt_pickle_no_memory(p);
        p->stack = stack;
        p->stack_capacity = n;
    }
    p->stack[p->depth++] = v;
    return WT_OK;
}

/* The value `below` the top; NULL where there is none, or a mark. */
static value *peek(const struct wt_pickle *p, size_t below)
{
    if (below >= p->depth || p->stack[p->depth - 1 - below]->kind == WT_PICKLE_MARK)
        return NULL;
    return p->stack[p->depth - 1 - below];
}

/* How many values lie above the topmost mark. */
static bool above_mark(const struct wt_pickle *p, size_t *count)
{
    for (size_t i = p->depth; i > 0; i--)
        if (p->stack[i - 1]->kind == WT_PICKLE_MARK) {
            *count = p->depth - i;
            return true;
        }
    return false;
}

static bool take(struct wt_pickle *p, size_t size, const uint8_t **bytes)
{
    if (size > p->size - p->at)
        return false;
    *bytes = p->bytes + p->at;
    p->at += size;
    return true;
}

static bool take_number(struct wt_pickle *p, int size, uint64_t *number)
{
    const uint8_t *b;
    if (!take(p, (size_t)size, &b))
        return false;
    *number = 0;
    for (int i = size - 1; i >= 0; i--)
        *number = *number << 8 | b[i];
    return true;
}

/* A count of `width` bytes, then as many bytes. */
static bool take_counted(struct wt_pickle *p, int width, struct wt_pickle_text *text)
{
    const uint8_t *b;
    uint64_t n;
    if (!take_number(p, width, &n) || n > p->size - p->at || !take(p, (size_t)n, &b))
        return false;
    *text = (struct wt_pickle_text){(const char *)b, (size_t)n};
    return true;
}

static bool take_line(struct wt_pickle *p, struct wt_pickle_text *text)
{
    const uint8_t *start = p->bytes + p->at, *end = memchr(start, '\n', p->size - p->at);
    if (!end)
        return false;
    *text = (struct wt_pickle_text){(const char *)start, (size_t)(end - start)};
    p->at += text->size + 1;
    return true;
}

static enum wt_status cut_off(const struct wt_pickle *p)
{
    return wt_pickle_bad(p, "it is cut off");
}

static enum wt_status underflow(const struct wt_pickle *p)
{
    return wt_pickle_bad(p, "an operand is missing");
}

/* ---- opcodes; arg comes from the table ----------------------------------------------------- */

typedef enum wt_status opcode_fn(struct wt_pickle *p, int arg);

static enum wt_status op_proto(struct wt_pickle *p, int arg)
{
    uint64_t version;
    if (!take_number(p, 1, &version))
        return cut_off(p);
    if (version < 2 || version > 5)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: pickle protocol %d is not supported", p->what,
                       (int)version);
    return WT_OK;
}

static enum wt_status op_frame(struct wt_pickle *p, int arg)
{
    uint64_t size;
    if (!take_number(p, 8, &size) || size > p->size - p->at)
        return cut_off(p);
    return WT_OK; /* frames help reading in pieces; the bytes are all here */
}

static enum wt_status op_stop(struct wt_pickle *p, int arg)
{
    p->stopped = true;
    return peek(p, 0) ? WT_OK : underflow(p);
}

static enum wt_status op_mark(struct wt_pickle *p, int arg)
{
    return push(p, &mark);
}

static enum wt_status op_pop(struct wt_pickle *p, int arg)
{
    if (!p->depth)
        return underflow(p);
    p->depth--;
    return WT_OK;
}

static enum wt_status op_pop_mark(struct wt_pickle *p, int arg)
{
    size_t n;
    if (!above_mark(p, &n))
        return underflow(p);
    p->depth -= n + 1;
    return WT_OK;
}

static enum wt_status op_dup(struct wt_pickle *p, int arg)
{
    return peek(p, 0) ? push(p, peek(p, 0)) : underflow(p);
}

static enum wt_status op_none(struct wt_pickle *p, int arg)
{
    return push(p, &none);
}

static enum wt_status op_truth(struct wt_pickle *p, int arg)
{
    return push(p, &truths[arg]);
}

/* arg: width; four bytes are signed, fewer are not. */
static enum wt_status op_int(struct wt_pickle *p, int arg)
{
    uint64_t n;
    value *v;
    if (!take_number(p, arg, &n))
        return cut_off(p);
    v = wt_pickle_new(p, WT_PICKLE_INT);
    if (v)
        v->whole = arg == 4 ? (int32_t)(uint32_t)n : (int64_t)n;
    return push(p, v);
}

/* arg: width of the count; two's complement, little endian. */
static enum wt_status op_long(struct wt_pickle *p, int arg)
{
    struct wt_pickle_text t;
    value *v;
    if (!take_counted(p, arg, &t))
        return cut_off(p);
    v = wt_pickle_new(p, t.size > 8 ? WT_PICKLE_BIG : WT_PICKLE_INT);
    if (v && t.size > 8) {
        v->text = t;
    } else if (v) {
        uint64_t n = t.size && t.bytes[t.size - 1] & 0x80 ? UINT64_MAX : 0;
        for (size_t i = t.size; i > 0; i--)
            n = n << 8 | (uint8_t)t.bytes[i - 1];
        v->whole = (int64_t)n;
    }
    return push(p, v);
}

static enum wt_status op_float(struct wt_pickle *p, int arg)
{
    const uint8_t *b;
    uint64_t bits = 0;
    value *v;
    if (!take(p, 8, &b))
        return cut_off(p);
    for (int i = 0; i < 8; i++) /* the one number in big endian */
        bits = bits << 8 | b[i];
    v = wt_pickle_new(p, WT_PICKLE_FLOAT);
    if (v)
        memcpy(&v->real, &bits, sizeof bits);
    return push(p, v);
}

/* arg: width of the count. */
static enum wt_status op_text(struct wt_pickle *p, int arg)
{
    struct wt_pickle_text t;
    value *v;
    if (!take_counted(p, arg, &t))
        return cut_off(p);
    v = wt_pickle_new(p, WT_PICKLE_TEXT);
    if (v)
        v->text = t;
    return push(p, v);
}

/* arg: kind. */
static enum wt_status op_empty(struct wt_pickle *p, int arg)
{
    return push(p, arg == WT_PICKLE_TUPLE ? &no_items : wt_pickle_new(p, arg));
}

/* Replaces the n topmost values, and the mark below them if there is one, by a container. */
static enum wt_status gather(struct wt_pickle *p, enum wt_pickle_kind kind, size_t n, size_t marks)
{
    value *v = wt_pickle_new(p, kind);
    if (!v)
        return WT_ERR_MEMORY;
    if (n > UINT32_MAX / 4)
        return wt_pickle_bad(p, "a container is too large");
    if (n) {
        v->list.item = wt_pickle_alloc(p, n * sizeof *v->list.item);
        if (!v->list.item)
            return WT_ERR_MEMORY;
        memcpy(v->list.item, p->stack + p->depth - n, n * sizeof *v->list.item);
    }
    v->list.count = v->list.capacity = (uint32_t)n;
    p->depth -= n + marks;
    return push(p, v);
}

static enum wt_status op_tuple(struct wt_pickle *p, int arg)
{
    for (int i = 0; i < arg; i++)
        if (!peek(p, (size_t)i))
            return underflow(p);
    return gather(p, WT_PICKLE_TUPLE, (size_t)arg, 0);
}

/* arg: kind; contents above the mark. */
static enum wt_status op_gather(struct wt_pickle *p, int arg)
{
    size_t n;
    if (!above_mark(p, &n) || (arg == WT_PICKLE_DICT && n % 2))
        return underflow(p);
    return gather(p, arg, n, 1);
}

/* Is it a container of the kind, or an object, which takes anything? */
static bool takes(const value *target, int kind)
{
    return target &&
           (target->kind == (enum wt_pickle_kind)kind || target->kind == WT_PICKLE_OBJECT);
}

/* arg: kind of the container that lies below; LIST takes one value, DICT a pair. */
static enum wt_status op_add(struct wt_pickle *p, int arg)
{
    size_t n = arg == WT_PICKLE_DICT ? 2 : 1;
    value *target = peek(p, n);
    enum wt_status status = WT_OK;
    if (!takes(target, arg) || !peek(p, 0) || !peek(p, n - 1))
        return underflow(p);
    for (size_t i = 0; i < n && !status && target->kind != WT_PICKLE_OBJECT; i++)
        status = wt_pickle_append(p, target, p->stack[p->depth - n + i]);
    p->depth -= n;
    return status;
}

static enum wt_status op_add_all(struct wt_pickle *p, int arg)
{
    enum wt_status status = WT_OK;
    value *target;
    size_t n;
    if (!above_mark(p, &n) || (arg == WT_PICKLE_DICT && n % 2))
        return underflow(p);
    target = peek(p, n + 1);
    if (!takes(target, arg))
        return underflow(p);
    for (size_t i = 0; i < n && !status && target->kind != WT_PICKLE_OBJECT; i++)
        status = wt_pickle_append(p, target, p->stack[p->depth - n + i]);
    p->depth -= n + 1;
    return status;
}

static enum wt_status named(struct wt_pickle *p, struct wt_pickle_text module,
                            struct wt_pickle_text name)
{
    value *v;
    const struct wt_pickle_global *global = wt_pickle_global_find(module, name);
    if (!global)
        return wt_fail(WT_ERR_UNSUPPORTED,
                       "%s: refused: the pickle wants \"%s.%s\", which is no part of a plain "
                       "checkpoint of tensors",
                       p->what, wt_printable(module.bytes, module.size).text,
                       wt_printable(name.bytes, name.size).text);
    v = wt_pickle_new(p, WT_PICKLE_GLOBAL);
    if (v)
        v->global = global;
    return push(p, v);
}

static enum wt_status op_global(struct wt_pickle *p, int arg)
{
    struct wt_pickle_text module, name;
    if (!take_line(p, &module) || !take_line(p, &name))
        return cut_off(p);
    return named(p, module, name);
}

static enum wt_status op_stack_global(struct wt_pickle *p, int arg)
{
    value *name = peek(p, 0), *module = peek(p, 1);
    if (!name || !module || name->kind != WT_PICKLE_TEXT || module->kind != WT_PICKLE_TEXT)
        return underflow(p);
    p->depth -= 2;
    return named(p, module->text, name->text);
}

static enum wt_status not_needed(const struct wt_pickle *p, uint8_t code)
{
    return wt_fail(WT_ERR_UNSUPPORTED,
                   "%s: refused: opcode 0x%02x at byte %zu of the pickle is none that a "
                   "plain checkpoint of tensors needs",
                   p->what, code, p->step);
}

/* Instead of the `below` values on top, an object that is passed over. */
static enum wt_status pass_over(struct wt_pickle *p, size_t below)
{
    p->depth -= below;
    return push(p, &object);
}

/* A class, its arguments and, with arg 1, a dict of named ones. No class of ours is made so. */
static enum wt_status op_new(struct wt_pickle *p, int arg)
{
    const size_t n = (size_t)arg + 1;
    const value *class = peek(p, n);
    for (size_t i = 0; i < n; i++)
        if (!peek(p, i))
            return underflow(p);
    if (!class)
        return underflow(p);
    if (class->kind != WT_PICKLE_GLOBAL || !class->global->inert)
        return not_needed(p, p->bytes[p->step]);
    return pass_over(p, n + 1);
}

static enum wt_status op_empty_set(struct wt_pickle *p, int arg)
{
    return push(p, &object);
}

static enum wt_status op_frozen_set(struct wt_pickle *p, int arg)
{
    size_t n;
    return above_mark(p, &n) ? pass_over(p, n + 1) : underflow(p);
}

static enum wt_status op_reduce(struct wt_pickle *p, int arg)
{
    value *args = peek(p, 0), *callee = peek(p, 1), *result = NULL;
    enum wt_status status;
    if (!args || !callee || args->kind != WT_PICKLE_TUPLE || callee->kind != WT_PICKLE_GLOBAL)
        return underflow(p);
    if (callee->global->inert)
        return pass_over(p, 2);
    if (!callee->global->call)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: refused: the pickle calls \"%s.%s\"", p->what,
                       callee->global->module, callee->global->name);
    p->depth -= 2;
    status = callee->global->call(p, args, &result);
    return status ? status : push(p, result);
}

/* Attributes of an OrderedDict (PyTorch keeps version numbers there) are not needed. */
static enum wt_status op_build(struct wt_pickle *p, int arg)
{
    value *state = peek(p, 0), *target = peek(p, 1);
    if (!state || !target)
        return underflow(p);
    if (target->kind != WT_PICKLE_OBJECT &&
        (target->kind != WT_PICKLE_DICT || state->kind != WT_PICKLE_DICT))
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: refused: the pickle sets attributes of %s", p->what,
                       wt_pickle_kind_name(target->kind));
    p->depth--;
    return WT_OK;
}

static enum wt_status op_persistent(struct wt_pickle *p, int arg)
{
    value *id = peek(p, 0), *result = NULL;
    enum wt_status status;
    if (!id)
        return underflow(p);
    p->depth--;
    status = wt_pickle_persistent(p, id, &result);
    return status ? status : push(p, result);
}

/* arg: width of the number; 0: the next one. */
static enum wt_status op_put(struct wt_pickle *p, int arg)
{
    uint64_t at = p->memos;
    if (arg && !take_number(p, arg, &at))
        return cut_off(p);
    if (!peek(p, 0))
        return underflow(p);
    if (at >= p->size) /* every put takes a byte, and pickles count from 0 */
        return wt_pickle_bad(p, "a number of its memo is too large");
    if (at >= p->memo_capacity) {
        size_t n = 2 * (size_t)at + 256;
        value **memo = reallocarray(p->memo, n, sizeof *memo);
        if (!memo)
            return wt_pickle_no_memory(p);
        memset(memo + p->memo_capacity, 0, (n - p->memo_capacity) * sizeof *memo);
        p->memo = memo;
        p->memo_capacity = n;
    }
    p->memo[at] = peek(p, 0);
    if (at >= p->memos)
        p->memos = (size_t)at + 1;
    return WT_OK;
}

static enum wt_status op_get(struct wt_pickle *p, int arg)
{
    uint64_t at;
    if (!take_number(p, arg, &at))
        return cut_off(p);
    if (at >= p->memos || !p->memo[at])
        return wt_pickle_bad(p, "it asks for a value that it never put");
    return push(p, p->memo[at]);
}

static const struct {
    opcode_fn *run;
    int arg;
} opcodes[256] = {
    ['.'] = {op_stop},
    ['('] = {op_mark},
    ['0'] = {op_pop},
    ['1'] = {op_pop_mark},
    ['2'] = {op_dup},
    ['N'] = {op_none},
    ['J'] = {op_int, 4},
    ['K'] = {op_int, 1},
    ['M'] = {op_int, 2},
    ['G'] = {op_float},
    ['X'] = {op_text, 4},
    ['T'] = {op_text, 4},
    ['U'] = {op_text, 1},
    ['B'] = {op_text, 4},
    ['C'] = {op_text, 1},
    [')'] = {op_empty, WT_PICKLE_TUPLE},
    [']'] = {op_empty, WT_PICKLE_LIST},
    ['}'] = {op_empty, WT_PICKLE_DICT},
    ['t'] = {op_gather, WT_PICKLE_TUPLE},
    ['l'] = {op_gather, WT_PICKLE_LIST},
    ['d'] = {op_gather, WT_PICKLE_DICT},
    ['a'] = {op_add, WT_PICKLE_LIST},
    ['s'] = {op_add, WT_PICKLE_DICT},
    ['e'] = {op_add_all, WT_PICKLE_LIST},
    ['u'] = {op_add_all, WT_PICKLE_DICT},
    ['c'] = {op_global},
    ['R'] = {op_reduce},
    ['b'] = {op_build},
    ['Q'] = {op_persistent},
    ['q'] = {op_put, 1},
    ['r'] = {op_put, 4},
    ['h'] = {op_get, 1},
    ['j'] = {op_get, 4},
    [0x80] = {op_proto},
    [0x81] = {op_new, 0},
    [0x85] = {op_tuple, 1},
    [0x86] = {op_tuple, 2},
    [0x87] = {op_tuple, 3},
    [0x88] = {op_truth, 1},
    [0x89] = {op_truth, 0},
    [0x8a] = {op_long, 1},
    [0x8b] = {op_long, 4},
    [0x8c] = {op_text, 1},
    [0x8d] = {op_text, 8},
    [0x8e] = {op_text, 8},
    [0x8f] = {op_empty_set},
    [0x90] = {op_add_all, WT_PICKLE_OBJECT},
    [0x91] = {op_frozen_set},
    [0x92] = {op_new, 1},
    [0x93] = {op_stack_global},
    [0x94] = {op_put, 0},
    [0x95] = {op_frame},
    [0x96] = {op_text, 8},
};

enum wt_status wt_pickle_run(struct wt_pickle *p, const uint8_t *bytes, size_t size, size_t *used,
                             const value **result)
{
    enum wt_status status = WT_OK;
    p->bytes = bytes;
    p->size = size;
    p->at = p->step = p->depth = p->memos = 0;
    p->stopped = false;
    if (p->memo_capacity)
        memset(p->memo, 0, p->memo_capacity * sizeof *p->memo);
    while (!status && !p->stopped) {
        uint8_t code;
        p->step = p->at;
        if (p->at == size)
            return cut_off(p);
        code = bytes[p->at++];
        if (!opcodes[code].run)
            return not_needed(p, code);
        status = opcodes[code].run(p, opcodes[code].arg);
    }
    if (status)
        return status;
    *used = p->at;
    *result = p->stack[p->depth - 1];
    return WT_OK;
}
