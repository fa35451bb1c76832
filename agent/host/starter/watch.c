/*
 * `starter watch agent=PID step=MS steps=N [trigger=PATH] -- NAME=VALUE… [-- COMMAND [ARGUMENT]…]…`
 * leaves a process behind that ends an agent which cannot do so itself, because a system call of its
 * only thread does not return. It writes the number of that process to the standard output.
 *
 *   agent       the number of the agent's process
 *   step        milliseconds of a step, in which time is counted
 *   steps       how many steps the agent has until it says more
 *   NAME=VALUE  variables that only the agent's processes were started with, at least one
 *   COMMAND     ways to switch the machine off afterwards, which are tried in their order
 *   trigger     the kernel's own way to do so, when all of them have failed
 *
 * The standard input is a pipe from the agent, which says again and again how many steps it has, as a
 * number of 32 bits. When they are over, the agent is killed, and so is what it has started: the
 * processes with all of these variables, and their descendants. When the pipe ends, so does the
 * watch. The two highest bits of the latest number say what else is to be done, as below.
 *
 * Time is counted in steps, and only while the agent is not stopped: one that is made to go on after
 * an hour has the chance to hear that its lease was renewed.
 */
#include "starter.h"

/* When the pipe ends, the agent's processes are killed; the machine stays on in any case. */
enum { KILL_AT_END = 1u << 31, MACHINE_STAYS = 1u << 30 };

enum { POLLIN = 1, POLLOUT = 4, PROT_READ_WRITE = 3, MAP_PRIVATE_ANONYMOUS = 0x22, WNOHANG = 1 };
enum { PTRACE_SEIZE = 0x4206, PTRACE_O_EXITKILL = 0x100000, PR_SET_NAME = 15 };
enum { MOST_PROCESSES = 65536, MOST_VARIABLES = 8, MOST_ROUNDS = 500, ROUND = 10, MOST_FILES = 1024 };

/* Rounds that a way to switch the machine off may take. */
enum { COMMAND_ROUNDS = 1000 };

struct plan {
  int agent;
  u32 step, steps;
  char *trigger;
  char **variables;
  /* The first word of the first command; each ends with a null, and the last one with two. */
  char **commands;
};

struct wait { int file; short events, happened; };

struct process { int pid, parent; char state, is_stray; };

struct entry { u64 inode, offset; unsigned short length; u8 type; char name[]; };

/* Waits until something can be done with a file, or for some milliseconds; whether it can. */
static int wait_for(int file, short events, u32 milliseconds) {
  struct wait wait = { file, events, 0 };
  struct { long seconds, nanoseconds; } time = { milliseconds / 1000, milliseconds % 1000 * 1000000L };
  return CALL5(SYS_ppoll, &wait, 1, &time, 0, 0) == 1;
}

/* Writes a number in decimal; returns the place behind it. */
static char *write_number(char *text, int number) {
  char digits[12];
  int count = 0;
  for (; number > 0; number /= 10) digits[count++] = (char)('0' + number % 10);
  while (count > 0) *text++ = digits[--count];
  return text;
}

/* Opens `/proc/<pid>/<name>`. */
static int open_of(int pid, const char *name) {
  char path[32] = "/proc/", *end = write_number(path + 6, pid);
  *end++ = '/';
  while ((*end++ = *name++)) {}
  return open_file(path, O_RDONLY);
}

/* The state and the parent of a process. Its name, in parentheses before them, may hold anything. */
static struct process look_at(int pid) {
  struct process process = { pid, 0, 'X', 0 };
  char text[512];
  int file = open_of(pid, "stat");
  if (file < 0) return process;
  long length = CALL3(SYS_read, file, text, sizeof text - 1);
  close_file(file);
  long end = length > 0 ? length : 0;
  text[end] = 0;
  while (end > 0 && text[end - 1] != ')') end--;
  if (end == 0 || end + 3 >= length) return process;
  const char *parent = text + end + 3;
  process.state = text[end + 1];
  process.parent = (int)number_at(&parent);
  return process;
}

static int is_stopped(struct process process) {
  return process.state == 'T' || process.state == 't';
}

/* Whether a process was started with all of the variables. */
static int has_all(int pid, char **variables) {
  char text[4096];
  u64 matched[MOST_VARIABLES] = { 0 };
  int differs[MOST_VARIABLES] = { 0 }, has[MOST_VARIABLES] = { 0 };
  int file = open_of(pid, "environ");
  long length;
  if (file < 0) return 0;
  while ((length = CALL3(SYS_read, file, text, sizeof text)) > 0) {
    for (long i = 0; i < length; i++) {
      for (int v = 0; v < MOST_VARIABLES && variables[v]; v++) {
        if (!differs[v] && text[i] != variables[v][matched[v]++]) differs[v] = 1;
        if (text[i]) continue;
        if (!differs[v]) has[v] = 1;
        differs[v] = 0;
        matched[v] = 0;
      }
    }
  }
  close_file(file);
  for (int v = 0; v < MOST_VARIABLES && variables[v]; v++) {
    if (!has[v]) return 0;
  }
  return 1;
}

/* Notes all processes that have not ended, but this one; returns how many there are. */
static int look(struct process *processes, char **variables) {
  char entries[8192] __attribute__((aligned(8)));
  int folder = open_file("/proc", O_RDONLY), count = 0, own = (int)CALL1(SYS_getpid, 0);
  long length;
  while ((length = CALL3(SYS_getdents64, folder, entries, sizeof entries)) > 0) {
    for (long i = 0; i < length && count < MOST_PROCESSES;) {
      struct entry *entry = (struct entry *)(entries + i);
      const char *name = entry->name;
      int pid = (int)number_at(&name);
      i += entry->length;
      if (*name || pid == own) continue;
      struct process process = look_at(pid);
      if (process.state == 'Z' || process.state == 'X') continue;
      /* What descends from process 1 is everything; the end of that is another matter, below. */
      process.is_stray = pid != 1 && has_all(pid, variables);
      processes[count++] = process;
    }
  }
  close_file(folder);
  return count;
}

/* Takes the children of strays for strays, too; whether there were any that were none before. */
static int add_children(struct process *processes, int count) {
  int added = 0;
  for (int child = 0; child < count; child++) {
    for (int parent = 0; parent < count && !processes[child].is_stray; parent++) {
      if (!processes[parent].is_stray || processes[parent].pid != processes[child].parent) continue;
      processes[child].is_stray = 1;
      added = 1;
    }
  }
  return added;
}

/* A number by which it is seen whether two looks have found the same. */
static u64 sum_of_strays(struct process *processes, int count) {
  u64 sum = 0;
  for (int i = 0; i < count; i++) {
    if (processes[i].is_stray) sum = sum * 31 + (u64)processes[i].pid;
  }
  return sum;
}

/*
 * Kills what the agent has started, and what that starts meanwhile. All are stopped before one is
 * killed: what goes on could start another one, lose its own parent, and not be found any more.
 */
static void kill_strays(char **variables) {
  u64 size = sizeof(struct process) * MOST_PROCESSES, before = 0;
  long table = call(SYS_mmap, 0, (long)size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
  struct process *processes = (struct process *)table;
  if (table < 0 && table > -4096) return;
  for (int round = 0; round < MOST_ROUNDS; round++) {
    int count = look(processes, variables);
    while (add_children(processes, count)) {}
    u64 found = sum_of_strays(processes, count);
    if (found == 0) return;
    for (int i = 0; i < count; i++) {
      if (!processes[i].is_stray) continue;
      CALL2(SYS_kill, processes[i].pid, found == before ? SIGKILL : SIGSTOP);
    }
    before = found;
    wait_for(-1, 0, ROUND);
  }
}

/* Who reads the agent's log may be gone, or not read: nothing waits for that. */
static void say(const char *text) {
  if (wait_for(2, POLLOUT, 0)) CALL3(SYS_write, 2, text, length_of(text));
}

/*
 * Process 1 of a container ignores what its own processes send. What traces it may ask the kernel to
 * kill it at the end of the tracer, and then the kernel ends the whole container. Returns if it may
 * not be traced.
 */
static void end_first_process(void) {
  if (CALL4(SYS_ptrace, PTRACE_SEIZE, 1, 0, PTRACE_O_EXITKILL) == 0) end(0);
  say("the watch cannot end the agent: it is process 1, and may not be traced\n");
}

/* Whether a command succeeds, and in time: it may wait for something that does not come. */
static int succeeds(char **command) {
  char *environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", 0 };
  u64 no_signals = 0;
  int status = 0;
  long pid = call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
  if (pid == 0) {
    CALL4(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, 0, sizeof no_signals);
    CALL3(SYS_execve, command[0], command, environment);
    end(127);
  }
  for (int round = 0; pid > 0 && round < COMMAND_ROUNDS; round++) {
    if (CALL4(SYS_wait4, pid, &status, WNOHANG, 0) == pid) return status == 0;
    wait_for(-1, 0, ROUND);
  }
  if (pid > 0) CALL2(SYS_kill, pid, SIGKILL);
  return 0;
}

static void switch_off(struct plan *plan) {
  for (char **command = plan->commands; command && *command; command++) {
    if (succeeds(command)) return;
    while (*command) command++;
  }
  int trigger = plan->trigger ? (int)CALL4(SYS_openat, AT_FDCWD, plan->trigger, O_WRONLY, 0) : -1;
  if (trigger >= 0) CALL3(SYS_write, trigger, "o", 1);
}

static void read_plan(struct plan *plan, char **arguments) {
  for (; *arguments && !after(*arguments, "--"); arguments++) {
    const char *value;
    if ((value = after(*arguments, "agent="))) plan->agent = (int)number_at(&value);
    if ((value = after(*arguments, "step="))) plan->step = number_at(&value);
    if ((value = after(*arguments, "steps="))) plan->steps = number_at(&value);
    if ((value = after(*arguments, "trigger="))) plan->trigger = (char *)value;
  }
  if (plan->agent <= 0 || plan->step == 0 || !arguments[0] || !arguments[1]) end(125);
  plan->variables = ++arguments;
  for (; *arguments; arguments++) {
    char *rest = after(*arguments, "--");
    if (!rest || *rest) continue;
    *arguments = 0;
    if (!plan->commands) plan->commands = arguments + 1;
  }
}

/* Leaves a process behind that is nobody's: it is not found among the processes of the agent. */
static void leave_behind(void) {
  char text[12];
  u64 all_signals = ~0ul;
  CALL4(SYS_rt_sigprocmask, SIG_SETMASK, &all_signals, 0, sizeof all_signals);
  long pid = call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
  if (pid < 0) end(126);
  if (pid > 0) {
    CALL3(SYS_write, 1, text, write_number(text, (int)pid) - text);
    end(0);
  }
  /* What is open here stays open after the agent's end. Kernels before 5.9 have no such range. */
  if (CALL3(SYS_close_range, 3, ~0u, 0) < 0) {
    for (int file = 3; file < MOST_FILES; file++) close_file(file);
  }
  close_file(1);
  CALL1(SYS_setsid, 0);
  CALL1(SYS_chdir, "/");
  CALL2(SYS_prctl, PR_SET_NAME, "agent-watch");
}

void watch(char **arguments) {
  struct plan plan = { 0 };
  u32 word = 0;
  read_plan(&plan, arguments);
  leave_behind();
  for (u32 left = plan.steps; left > 0;) {
    if (!wait_for(0, POLLIN, plan.step)) {
      if (!is_stopped(look_at(plan.agent))) left--;
    } else if (CALL3(SYS_read, 0, &word, sizeof word) == sizeof word) {
      left = word & ~(KILL_AT_END | MACHINE_STAYS);
    } else {
      if (word & KILL_AT_END) kill_strays(plan.variables);
      end(0);
    }
  }
  say("the agent hangs: its watch ends it, and what it has started\n");
  if (plan.agent == 1) end_first_process();
  CALL2(SYS_kill, plan.agent, SIGKILL);
  kill_strays(plan.variables);
  if (!(word & MACHINE_STAYS)) switch_off(&plan);
  end(0);
}
