/*
 * Constant-time check of the shipped shared object.
 *
 *     constant_time libvts_kernel.so [secrets]
 *
 * The part of vts_sign_batch that touches secrets (the function sign_secret_part and all that it
 * calls) is executed one machine instruction at a time (trap flag, SIGTRAP), for many secret keys
 * and the same digests, and the sequences of
 *     (address of the instruction, addresses of its memory operands, stack pointer)
 * are compared. They must be equal: then no branch and no memory access that was executed depends
 * on the key or on a nonce. Memory operands come from the disassembly (objdump) and the registers.
 * Also refused where executed: gathers, scatters and other vector-indexed accesses, divisions, and
 * instructions of the object that the disassembly does not know.
 *
 * What this shows and what not: it is the object itself, with the compiler's choices; the machine
 * code has no other inputs than those that were varied, but a path that is taken for rare secrets
 * only (say, a nonce >= n, probability 2^-128) is not seen. Instructions with data-dependent
 * duration other than divisions are not looked for: the code is vector integer arithmetic, whose
 * duration does not depend on data on the CPUs that have IFMA.
 */
#include <dlfcn.h>
#include <link.h>
#include <signal.h>
#include <stdbool.h>
#include <ucontext.h>

#include "test_util.h"

enum { COUNT = 9, OPERANDS = 2, LARGEST_TRACE = 1 << 20, TRAP_FLAG = 0x100 };

/* A memory operand disp(base, index, scale); registers by their number below, -1: none. */
typedef struct {
    int64_t disp;
    int8_t base, index;
    uint8_t scale;
} operand;

typedef struct {
    uint64_t address;
    char text[80];
    uint8_t operands;
    bool refused;
    operand operand[OPERANDS];
} instruction;

typedef struct {
    uint64_t rip, rsp, access[OPERANDS];
} step;

static instruction *code;
static size_t code_length;
static uint64_t load_address, entry;

static const char *const REGISTERS[] = {
    "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8",
    "r9",  "r10", "r11", "r12", "r13", "r14", "r15", "rip"};

static const int REGISTER_INDEX[] = {REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI,
                                     REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                     REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};

/* An address relative to rip counts from the next instruction; the same for all traces. */
static uint64_t register_value(const greg_t *registers, int number) {
    return number < 0 ? 0 : (uint64_t)registers[REGISTER_INDEX[number]];
}

/* "%rax" to its number; -1: nothing there; -2: not a 64-bit general register. */
static int parse_register(const char *text, size_t length) {
    if (length == 0) {
        return -1;
    }
    for (int i = 0; i < 17; i++) {
        if (strlen(REGISTERS[i]) + 1 == length && memcmp(text + 1, REGISTERS[i], length - 1) == 0) {
            return i;
        }
    }
    return -2;
}

/* The memory operands in objdump's AT&T text; an operand that cannot be followed is refused. */
static void parse_operands(instruction *in) {
    const char *text = in->text;
    if (strncmp(text, "lea", 3) == 0 || strncmp(text, "nop", 3) == 0 || strstr(text, "nopw") ||
        strstr(text, "nopl")) {
        return;
    }
    for (const char *open = strchr(text, '('); open; open = strchr(open + 1, '(')) {
        const char *close = strchr(open, ')'), *start = open;
        if (!close || in->operands == OPERANDS) {
            in->refused = true;
            return;
        }
        operand *o = &in->operand[in->operands++];
        while (start > text && strchr("0123456789abcdefx-", start[-1])) {
            start--;
        }
        o->disp = start < open ? (int64_t)strtoll(start, NULL, 16) : 0;
        const char *comma = memchr(open, ',', (size_t)(close - open));
        const char *base_end = comma ? comma : close;
        int base = parse_register(open + 1, (size_t)(base_end - open - 1)), index = -1;
        o->scale = 1;
        if (comma) {
            const char *second = memchr(comma + 1, ',', (size_t)(close - comma - 1));
            const char *index_end = second ? second : close;
            index = parse_register(comma + 1, (size_t)(index_end - comma - 1));
            o->scale = second ? (uint8_t)strtoul(second + 1, NULL, 10) : 1;
        }
        if (base == -2 || index == -2) { /* a vector register: gather or scatter */
            in->refused = true;
        }
        o->base = (int8_t)base;
        o->index = (int8_t)index;
    }
}

/* Fills `code`, in order of address, and `entry`, both relative to the load address. */
static void disassemble(const char *library) {
    char command[600], line[600];
    snprintf(command, sizeof command, "objdump -d --no-show-raw-insn '%s'", library);
    FILE *dump = popen(command, "r");
    CHECK(dump, "objdump");
    size_t room = 0;
    while (fgets(line, sizeof line, dump)) {
        uint64_t address;
        char name[200];
        if (sscanf(line, "%lx <%199[^>]>:", &address, name) == 2) {
            if (strncmp(name, "sign_secret_part", 16) == 0 && !strstr(name, ".cold")) {
                entry = address;
            }
            continue;
        }
        char *tab = strchr(line, '\t');
        if (!tab || sscanf(line, " %lx:", &address) != 1) {
            continue;
        }
        if (code_length == room) {
            room = room ? 2 * room : 1 << 16;
            code = realloc(code, room * sizeof *code);
            CHECK(code, "no memory");
        }
        instruction *in = &code[code_length++];
        memset(in, 0, sizeof *in);
        in->address = address;
        snprintf(in->text, sizeof in->text, "%.*s", (int)strcspn(tab + 1, "\n#"), tab + 1);
        parse_operands(in);
        if (strncmp(in->text, "div", 3) == 0 || strncmp(in->text, "idiv", 4) == 0) {
            in->refused = true;
        }
    }
    CHECK(pclose(dump) == 0 && code_length > 0, "objdump found nothing in %s", library);
    CHECK(entry, "%s has no symbol sign_secret_part (stripped?)", library);
}

static const instruction *find(uint64_t rip) {
    size_t low = 0, high = code_length;
    uint64_t address = rip - load_address;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code[middle].address < address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < code_length && code[low].address == address ? &code[low] : NULL;
}

/* The trace that is being taken; filled by the signal handler. */
static struct {
    enum { WAITING, INSIDE, DONE } state;
    step *steps;
    size_t length, outside;
    uint64_t back;
} tracing;

static void record(const greg_t *registers) {
    step *s = &tracing.steps[tracing.length++];
    CHECK(tracing.length < LARGEST_TRACE, "trace too long");
    memset(s, 0, sizeof *s);
    s->rip = (uint64_t)registers[REG_RIP];
    s->rsp = (uint64_t)registers[REG_RSP];
    const instruction *in = find(s->rip);
    if (!in) {
        tracing.outside++;
        return;
    }
    CHECK(!in->refused, "%lx: %s", (unsigned long)in->address, in->text);
    for (int i = 0; i < in->operands; i++) {
        const operand *o = &in->operand[i];
        s->access[i] = (uint64_t)o->disp + register_value(registers, o->base) +
                       o->scale * register_value(registers, o->index);
    }
}

/* SIGUSR1 switches single steps on; SIGTRAP stands before each instruction. */
static void on_signal(int signal, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    uint64_t rip = (uint64_t)registers[REG_RIP];
    (void)info;
    if (signal == SIGUSR1) {
        registers[REG_EFL] |= TRAP_FLAG;
        return;
    }
    if (tracing.state == WAITING && rip == load_address + entry) {
        memcpy(&tracing.back, (const void *)registers[REG_RSP], sizeof tracing.back);
        tracing.state = INSIDE;
    } else if (tracing.state == INSIDE && rip == tracing.back) {
        tracing.state = DONE;
        registers[REG_EFL] &= ~(greg_t)TRAP_FLAG;
    }
    if (tracing.state == INSIDE) {
        record(registers);
    }
}

/* On a stack of its own: what lies below the traced code's stack pointer must stay untouched. */
static void install_handler(void) {
    static uint8_t stack[256 * 1024];
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    CHECK(sigaltstack(&alternative, NULL) == 0, "alternative stack");
    CHECK(sigaction(SIGTRAP, &action, NULL) == 0, "SIGTRAP");
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0, "SIGUSR1");
}

static void report_difference(const step *a, const step *b, size_t at) {
    const instruction *in = find(a->rip), *other = find(b->rip);
    printf("FAILED step %zu: %lx %s [%lx %lx] against %lx %s [%lx %lx]\n", at,
           (unsigned long)(a->rip - load_address), in ? in->text : "?", (unsigned long)a->access[0],
           (unsigned long)a->access[1], (unsigned long)(b->rip - load_address),
           other ? other->text : "?", (unsigned long)b->access[0], (unsigned long)b->access[1]);
    exit(1);
}

/* The keys to compare: extremes of weight and size, then random ones. */
static void choose_secret(uint8_t secret[32], int number) {
    static const char *const EXTREMES[] = {
        "0000000000000000000000000000000000000000000000000000000000000001",
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",
        "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "8000000000000000000000000000000000000000000000000000000000000000"};
    if (number < 4) {
        test_from_hex(secret, EXTREMES[number]);
        return;
    }
    for (int i = 0; i < 32; i++) {
        secret[i] = (uint8_t)(test_random() >> 32);
    }
    secret[0] &= 0x7f;
}

int main(int argc, char **argv) {
    static uint8_t secret[32], digests[COUNT * 32], signatures[COUNT * 64], verdicts[COUNT];
    CHECK(argc >= 2, "usage: constant_time libvts_kernel.so [secrets]");
    int secrets = argc > 2 ? atoi(argv[2]) : 8;
    test_start("constant_time");
    disassemble(argv[1]);
    install_handler();
    void *library = dlopen(argv[1], RTLD_NOW);
    CHECK(library, "%s", dlerror());
    struct link_map *map;
    CHECK(dlinfo(library, RTLD_DI_LINKMAP, &map) == 0, "%s", dlerror());
    load_address = map->l_addr;
    size_t (*signer_size)(void);
    int (*signer_init)(void *, const uint8_t *, const uint8_t *);
    void (*sign_batch)(const void *, const uint8_t *, const uint8_t *, uint8_t *, uint8_t *,
                       size_t);
    *(void **)&signer_size = dlsym(library, "vts_signer_size");
    *(void **)&signer_init = dlsym(library, "vts_signer_init");
    *(void **)&sign_batch = dlsym(library, "vts_sign_batch");
    CHECK(signer_size && signer_init && sign_batch, "%s", dlerror());

    uint8_t *signer = aligned_alloc(64, signer_size()), wrong33[33] = {0};
    CHECK(signer, "no memory");
    choose_secret(secret, 0);
    /* The nonce's tables are the same for every key and are made before the key is compared: a
     * signer for a wrong public key is enough for the part that is traced. */
    CHECK(signer_init(signer, wrong33, secret) == 2, "signer");
    test_random_bytes(digests, sizeof digests);

    step *first = malloc(LARGEST_TRACE * sizeof *first);
    step *next = malloc(LARGEST_TRACE * sizeof *next);
    CHECK(first && next, "no memory");
    size_t first_length = 0;
    for (int i = 0; i < secrets; i++) {
        choose_secret(secret, i);
        tracing.state = WAITING;
        tracing.steps = i == 0 ? first : next;
        tracing.length = 0;
        raise(SIGUSR1);
        sign_batch(signer, secret, digests, signatures, verdicts, COUNT);
        CHECK(tracing.state == DONE, "sign_secret_part was not seen to return");
        size_t length = tracing.length;
        if (i == 0) {
            first_length = length;
            continue;
        }
        for (size_t k = 0; k < length && k < first_length; k++) {
            test_checks++;
            if (memcmp(&first[k], &next[k], sizeof(step)) != 0) {
                report_difference(&first[k], &next[k], k);
            }
        }
        CHECK(length == first_length, "%zu steps against %zu", length, first_length);
    }
    printf("constant_time: %d keys, %d signatures each, %zu steps each (%zu in libc), all equal\n",
           secrets, COUNT, first_length, tracing.outside / (size_t)secrets);
    return test_end("constant_time");
}
