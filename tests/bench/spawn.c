/* Run commands in turn and tell what each cost: a spawner that adds next to nothing.
 *
 * spawn ROUNDS ENVFILE ARG... [-- ENVFILE ARG...]...
 * ENVFILE holds NAME=VALUE entries, each with a NUL at its end. First each command runs once under
 * ptrace and tells what it has resident when it exits: `resident NUMBER KIB STATUS`. Then every
 * round runs each command once, in order: `took NUMBER NANOSECONDS STATUS`, from vfork to waitpid.
 * stdin, stdout and stderr of the commands are /dev/null. STATUS is as waitpid tells it.
 *
 * Why not ru_maxrss or VmHWM: Linux counts resident pages per processor and adds them up late, which
 * hides up to 128 KiB for each processor and kind of page. smaps_rollup walks the page table.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_COMMANDS 16
#define MAX_VARIABLES 256
#define MAX_ENVIRONMENT 65536

struct command {
    char **argv;
    char *environment[MAX_VARIABLES + 1];
    char text[MAX_ENVIRONMENT];
};

static struct command commands[MAX_COMMANDS];

static void fail(const char *what) {
    perror(what);
    exit(111);
}

static void read_environment(struct command *command, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail(path);
    ssize_t length = read(fd, command->text, sizeof command->text - 1);
    if (length < 0) fail(path);
    close(fd);
    int count = 0;
    for (char *entry = command->text; entry < command->text + length && count < MAX_VARIABLES;
         entry += strlen(entry) + 1)
        command->environment[count++] = entry;
}

static pid_t start(struct command *command, int traced) {
    pid_t pid = vfork();
    if (pid < 0) fail("vfork");
    if (pid == 0) {
        if (traced) ptrace(PTRACE_TRACEME, 0, 0, 0);
        execve(command->argv[0], command->argv, command->environment);
        _exit(127);
    }
    return pid;
}

static void run(int number, struct command *command) {
    struct timespec begin, end;
    int status;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pid_t pid = start(command, 0);
    if (waitpid(pid, &status, 0) < 0) fail("waitpid");
    clock_gettime(CLOCK_MONOTONIC, &end);
    long long took = (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec;
    dprintf(3, "took %d %lld %d\n", number, took, status);
}

static long read_resident(pid_t pid) {
    char path[64], line[256];
    long kib = -1;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file) fail(path);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Rss: %ld", &kib) == 1) break;
    fclose(file);
    return kib;
}

static void look(int number, struct command *command) {
    int status, signal;
    long kib = -1;
    pid_t pid = start(command, 1);
    if (waitpid(pid, &status, 0) < 0) fail("waitpid"); /* stopped by its execve */
    ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL);
    for (signal = 0; WIFSTOPPED(status);) {
        ptrace(PTRACE_CONT, pid, 0, signal);
        if (waitpid(pid, &status, 0) < 0) fail("waitpid");
        signal = 0;
        if (WIFSTOPPED(status) && status >> 16 == PTRACE_EVENT_EXIT)
            kib = read_resident(pid);
        else if (WIFSTOPPED(status))
            signal = WSTOPSIG(status);
    }
    dprintf(3, "resident %d %ld %d\n", number, kib, status);
}

int main(int argc, char **argv) {
    int count = 0;
    if (argc < 4) {
        fputs("usage: spawn ROUNDS ENVFILE ARG... [-- ENVFILE ARG...]...\n", stderr);
        return 100;
    }
    for (int i = 2; i < argc; i++) {
        if (count == MAX_COMMANDS || i + 1 >= argc) return 100;
        read_environment(&commands[count], argv[i++]);
        commands[count++].argv = argv + i;
        while (i < argc && strcmp(argv[i], "--") != 0) i++;
        argv[i] = NULL;
    }
    /* The results go to descriptor 3: the commands have 1 and 2 at /dev/null. */
    if (dup2(1, 3) < 0) fail("dup2");
    fcntl(3, F_SETFD, FD_CLOEXEC);
    int null = open("/dev/null", O_RDWR);
    if (null < 0) fail("/dev/null");
    for (int fd = 0; fd < 3; fd++) dup2(null, fd);
    close(null);
    for (int i = 0; i < count; i++) look(i, &commands[i]);
    for (long round = strtol(argv[1], NULL, 10); round > 0; round--)
        for (int i = 0; i < count; i++) run(i, &commands[i]);
    return 0;
}
