/* The program of the services in tests/lab/supervision: worker FOLDER NAME longrun|oneshot|undo

It holds a lock on FOLDER/locks/NAME; a copy that finds it held writes FOLDER/violations/NAME.PID.
FOLDER/journal gets a line for what it does: "NANOSECONDS WORD NAME PID". It asks for its outputs
by a line on the FIFO FOLDER/publisher. FOLDER/behave/NAME, when it is there, holds one word:
fail (exit 1), mute (never ready), deaf (ignores TERM), slow (ready after 30 ms). */

#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static const char *folder, *name;

static int open_in(const char *where, const char *file, int flags)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s%s", folder, where, file);
    return open(path, flags | O_CLOEXEC, 0644);
}

static void say(const char *word)
{
    struct timespec now;
    char line[256];
    int fd = open_in("journal", "", O_WRONLY | O_APPEND | O_CREAT);
    clock_gettime(CLOCK_MONOTONIC, &now);
    int size = snprintf(line, sizeof line, "%lld %s %s %d\n",
                        now.tv_sec * 1000000000LL + now.tv_nsec, word, name, (int)getpid());
    if (fd < 0 || write(fd, line, size) != size)
        _exit(111);
    close(fd);
}

static void be_alone(void)
{
    char file[256];
    int fd = open_in("locks/", name, O_RDWR | O_CREAT);
    if (fd < 0)
        _exit(111);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        snprintf(file, sizeof file, "%s.%d", name, (int)getpid());
        open_in("violations/", file, O_WRONLY | O_CREAT);
        say("violation");
    }
}

static void publish(void)
{
    char line[256];
    int fd = open_in("publisher", "", O_WRONLY | O_NONBLOCK);
    int size = snprintf(line, sizeof line, "%s\n", name);
    if (fd >= 0) {
        if (write(fd, line, size) != size)
            _exit(111);
        close(fd);
    }
}

static void pause_ms(long milliseconds)
{
    struct timespec time = {0, milliseconds * 1000000};
    nanosleep(&time, NULL);
}

int main(int argc, char **argv)
{
    char how[16] = "";
    sigset_t set;
    if (argc != 4)
        return 100;
    folder = argv[1];
    name = argv[2];
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    if (argv[3][0] != 'o')
        sigprocmask(SIG_BLOCK, &set, NULL);
    be_alone();
    if (argv[3][0] == 'u') {
        say("undo");
        return 0;
    }
    say("start");
    int fd = open_in("behave/", name, O_RDONLY);
    if (fd >= 0) {
        ssize_t size = read(fd, how, sizeof how - 1);
        how[size < 0 ? 0 : size] = 0;
        close(fd);
    }
    if (!strcmp(how, "fail"))
        return 1;
    if (!strcmp(how, "slow"))
        pause_ms(30);
    if (argv[3][0] == 'o') {
        if (!strcmp(how, "mute"))
            pause();
        publish();
        say("done");
        return 0;
    }
    publish();
    const char *notify = getenv("NOTIFY_FD");
    if (notify && strcmp(how, "mute")) {
        if (write(atoi(notify), "\n", 1) != 1)
            return 111;
        close(atoi(notify));
    }
    for (;;) {
        int number = sigwaitinfo(&set, NULL);
        if (number == SIGHUP)
            say("hup");
        if (number == SIGTERM && !strcmp(how, "deaf"))
            say("deaf");
        else if (number == SIGTERM) {
            /* Another copy that starts meanwhile is seen. */
            pause_ms(3);
            say("end");
            return 0;
        }
    }
}
