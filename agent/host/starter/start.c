/*
 * `starter start report=PATH cwd=PATH [OPTION=…]… -- COMMAND [ARGUMENT]…` becomes the leader of a
 * session of its own, and then the command.
 *
 *   report    the pipe on which it tells how it went: a byte at first; then, if something fails, what
 *             `fail` writes. The pipe closes when the command has taken its place
 *   cwd       the working directory, an absolute path
 *   path      where commands are looked for when the environment has no PATH
 *   terminal  a terminal, which becomes the controlling one and the standard streams
 *   stdin     a file that is the standard input
 *   stdout    a file to which the standard output is appended
 *   stderr    a file to which the standard error is appended
 *   groups    numbers of the supplementary groups, with commas between them; empty for none
 *   gid, uid  numbers of the group and of the user
 *
 * What is not named stays as it is. Files are opened as the user who starts, the working directory is
 * entered and the command looked for as the user that the command is to have. Pipes and the terminal
 * become that user's own, so that `/dev/stderr`, which opens one once more, is open to the command.
 */
#include "starter.h"

/* What was being done when something failed; `start_failure.ts` has the same numbers. */
enum step { SESSION = 1, TERMINAL, STDIN, STDOUT, STDERR, GROUPS, GID, UID, CWD, COMMAND };

enum { MAX_GROUPS = 1024, TIOCSCTTY = 0x540e, CLOSE_RANGE_CLOEXEC = 4, F_GETPIPE_SZ = 1032 };

/* A file that is open for writing is tried again for a second, with nanoseconds in between. */
enum { BUSY_TRIES = 100, BUSY_PAUSE = 10 * 1000 * 1000 };

struct order {
  int report;
  char *cwd, *path, *terminal, *files[3], *groups, *gid, *uid;
  /* The command and its arguments. The place before the command can be written to. */
  char **command;
};

/* Tells the step and the error, as numbers of 32 bits, and the path in question, if there is one. */
static void __attribute__((noreturn))
fail(struct order *order, enum step step, long error, const char *path) {
  u32 numbers[] = { step, (u32)error };
  CALL3(SYS_write, order->report, numbers, sizeof numbers);
  if (path) CALL3(SYS_write, order->report, path, length_of(path));
  end(127);
}

/* Fails if `result` is an error. */
static void check(struct order *order, enum step step, long result, const char *path) {
  if (result < 0) fail(order, step, -result, path);
}

static void read_options(struct order *order, char **arguments) {
  for (; *arguments && !after(*arguments, "--"); arguments++) {
    char *value;
    if ((value = after(*arguments, "cwd="))) order->cwd = value;
    if ((value = after(*arguments, "path="))) order->path = value;
    if ((value = after(*arguments, "terminal="))) order->terminal = value;
    if ((value = after(*arguments, "stdin="))) order->files[0] = value;
    if ((value = after(*arguments, "stdout="))) order->files[1] = value;
    if ((value = after(*arguments, "stderr="))) order->files[2] = value;
    if ((value = after(*arguments, "groups="))) order->groups = value;
    if ((value = after(*arguments, "gid="))) order->gid = value;
    if ((value = after(*arguments, "uid="))) order->uid = value;
  }
  if (!order->cwd || !arguments[0] || !arguments[1]) end(125);
  order->command = arguments + 1;
}

/*
 * The pipe is opened by its path, through the agent's own descriptors. If it were inherited, whatever
 * another thread of the agent starts at this moment would inherit it as well, and keep it open.
 */
static void open_report(struct order *order, char *argument) {
  char *path = argument ? after(argument, "report=") : 0;
  order->report = path ? open_file(path, O_WRONLY) : -1;
  if (order->report < 0 || CALL3(SYS_write, order->report, "!", 1) != 1) end(126);
}

/* The first terminal that the leader of a session asks for becomes that of the session. */
static void take_terminal(struct order *order) {
  const char *path = order->terminal;
  if (!path) return;
  int terminal = open_file(path, O_RDWR);
  check(order, TERMINAL, terminal, path);
  check(order, TERMINAL, CALL3(SYS_ioctl, terminal, TIOCSCTTY, 0), path);
  for (int stream = 0; stream < 3; stream++) {
    check(order, TERMINAL, CALL3(SYS_dup3, terminal, stream, 0), path);
  }
}

/* A folder can be opened for reading, too. Only of a folder may entries be asked for. */
static int is_folder(int file) {
  char entry[8];
  return CALL3(SYS_getdents64, file, entry, sizeof entry) != -ENOTDIR;
}

static void take_files(struct order *order) {
  for (int stream = 0; stream < 3; stream++) {
    const char *path = order->files[stream];
    if (!path) continue;
    int file = open_file(path, stream == 0 ? O_RDONLY : O_WRONLY | O_APPEND);
    check(order, STDIN + stream, file, path);
    if (stream == 0 && is_folder(file)) fail(order, STDIN, EISDIR, path);
    check(order, STDIN + stream, CALL3(SYS_dup3, file, stream, 0), path);
  }
}

static void give_streams(struct order *order) {
  const char *text = order->uid;
  u32 uid = number_at(&text);
  for (int stream = 0; stream < 3; stream++) {
    if (order->files[stream]) continue;
    int is_pipe = CALL2(SYS_fcntl, stream, F_GETPIPE_SZ) >= 0;
    if (is_pipe || order->terminal) CALL3(SYS_fchown, stream, uid, -1);
  }
}

/* The user comes last: most of them may not change groups any more. */
static void take_user(struct order *order) {
  const char *text = order->groups;
  if (order->uid) give_streams(order);
  if (text) {
    u32 groups[MAX_GROUPS], count = 0;
    while (*text && count < MAX_GROUPS) {
      groups[count++] = number_at(&text);
      if (*text == ',') text++;
    }
    check(order, GROUPS, *text ? -EINVAL : CALL2(SYS_setgroups, count, groups), 0);
  }
  if ((text = order->gid)) check(order, GID, CALL1(SYS_setgid, number_at(&text)), 0);
  if ((text = order->uid)) check(order, UID, CALL1(SYS_setuid, number_at(&text)), 0);
}

/* Appends the first `length` bytes of `part` to `path`, which ends at `end`; -1 if it has no room. */
static long append(char *path, long end, const char *part, u64 length) {
  if (end < 0 || end + length >= PATH_MAX) return -1;
  for (u64 i = 0; i < length; i++) path[end + i] = part[i];
  path[end + length] = 0;
  return end + (long)length;
}

/* Makes the absolute path of the command in a folder of PATH, which may be relative to `cwd`. */
static int place(char *path, struct order *order, const char *folder, u64 length) {
  const char *command = *order->command;
  long end = 0;
  if (command[0] != '/' && (length == 0 || folder[0] != '/')) {
    end = append(path, end, order->cwd, length_of(order->cwd));
    if (end > 1) end = append(path, end, "/", 1);
  }
  if (length > 0) end = append(path, append(path, end, folder, length), "/", 1);
  return append(path, end, command, length_of(command)) >= 0;
}

/*
 * Has a file take this process's place. One that was written a moment ago may still count as open: any
 * process that is started meanwhile has what its parent had, until its own command takes its place.
 */
static long execute(const char *path, char **command, char **environment) {
  for (int left = BUSY_TRIES;; left--) {
    long result = CALL3(SYS_execve, path, command, environment);
    if (result != -ETXTBSY || left == 0) return result;
    struct { long seconds, nanoseconds; } pause = { 0, BUSY_PAUSE };
    CALL5(SYS_ppoll, 0, 0, &pause, 0, 0);
  }
}

/* Runs a file; a script that does not name its interpreter is the shell's, as `execvp()` has it. */
static long run(struct order *order, char *path, char **environment) {
  char **command = order->command;
  long result = execute(path, command, environment);
  if (result != -ENOEXEC) return result;
  char *name = command[0];
  command[-1] = "/bin/sh";
  command[0] = path;
  CALL3(SYS_execve, command[-1], command - 1, environment);
  command[0] = name;
  return result;
}

static char *path_of(struct order *order, char **environment) {
  for (; *environment; environment++) {
    char *value = after(*environment, "PATH=");
    if (value) return value;
  }
  return order->path ? order->path : "";
}

static int is_there(const char *path) {
  return CALL3(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

static int has_slash(const char *text) {
  for (; *text; text++) {
    if (*text == '/') return 1;
  }
  return 0;
}

/* A folder that the command is not in, or a file that this user may not run: another may do. */
static int is_passed_over(long error) {
  return error == ENOENT || error == ENOTDIR || error == EACCES || error == ELOOP ||
         error == ENAMETOOLONG;
}

/*
 * Tries the places of the command, until one of them can be run. If none can, the first file that is
 * there is what failed; without one, the command is not found.
 */
static void __attribute__((noreturn)) run_command(struct order *order, char **environment) {
  char tried[PATH_MAX], failed[PATH_MAX];
  long failure = 0;
  const char *folder = has_slash(*order->command) ? "" : path_of(order, environment);
  while (**order->command) {
    u64 length = 0;
    while (folder[length] && folder[length] != ':') length++;
    if (place(tried, order, folder, length)) {
      long error = -run(order, tried, environment);
      if (!is_passed_over(error)) fail(order, COMMAND, error, tried);
      if (!failure && is_there(tried)) {
        append(failed, 0, tried, length_of(tried));
        failure = is_there(append(tried, length_of(tried), "/.", 2) < 0 ? "" : tried) ? EISDIR : error;
      }
    }
    if (!folder[length]) break;
    folder += length + 1;
  }
  if (failure) fail(order, COMMAND, failure, failed);
  fail(order, COMMAND, ENOENT, 0);
}

void start(char **arguments, char **environment) {
  struct order order = { 0 };
  open_report(&order, arguments[0]);
  read_options(&order, arguments);
  /* Nothing but the standard streams is handed on. Kernels before 5.11 cannot do that. */
  CALL3(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC);
  check(&order, SESSION, CALL1(SYS_setsid, 0), 0);
  take_terminal(&order);
  take_files(&order);
  take_user(&order);
  check(&order, CWD, CALL1(SYS_chdir, order.cwd), order.cwd);
  run_command(&order, environment);
}
