/*
 * `starter watch AGENT STEP STEPS NAME=VALUE…` leaves a process behind that ends an agent which
 * cannot do so itself, because a system call of its only thread does not return.
 *
 *   AGENT       the number of the agent's process
 *   STEP        milliseconds of a step, in which time is counted
 *   STEPS       how many steps the agent has until it says more
 *   NAME=VALUE  variables that only the agent's processes were started with, at least one
 *
 * The standard input is a pipe from the agent, which says again and again how many steps it has, as a
 * number of 32 bits. When they are over, the agent is killed, and so is what it has started: the
 * processes with all of these variables, and their descendants. When the pipe ends, so does the
 * watch; the highest bit of the latest number says that the agent's processes are to be killed first.
 *
 * Time is counted in steps, and only while the agent is not stopped: one that is made to go on after
 * an hour has the chance to hear that its lease was renewed.
 */
#include "starter.h"

enum { KILL_AT_END = 1u << 31, POLLIN = 1, POLLOUT = 4, PROT_READ_WRITE = 3 };
enum { MAP_PRIVATE_ANONYMOUS = 0x22, PTRACE_SEIZE = 0x4206, PTRACE_O_EXITKILL = 0x100000 };
enum { MOST_PROCESSES = 65536, MOST_VARIABLES = 8, MOST_ROUNDS = 500, ROUND = 10 };

struct wait { int file; short events, happened; };

struct process { int pid, parent; char state, is_stray; };

struct entry { u64 inode, offset; unsigned short length; u8 type; char name[]; };

/* Waits until something can be done with a file, or for some milliseconds; whether it can. */
static int wait_for(int file, short events, u32 milliseconds) {
  struct wait wait = { file, events, 0 };
  struct { long seconds, nanoseconds; } time = { milliseconds / 1000, milliseconds % 1000 * 1000000L };
  return CALL5(SYS_ppoll, &wait, 1, &time, 0, 0) == 1;
}

/* The path `/proc/<pid>/<name>`. */
static void proc_path(char *path, int pid, const char *name) {
  char digits[12];
  int count = 0;
  for (const char *proc = "/proc/"; *proc; proc++) *path++ = *proc;
  for (; pid > 0; pid /= 10) digits[count++] = (char)('0' + pid % 10);
  while (count > 0) *path++ = digits[--count];
  *path++ = '/';
  while ((*path++ = *name++)) {}
}

static int open_of(int pid, const char *name) {
  char path[32];
  proc_path(path, pid, name);
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
      for (int v = 0; variables[v] && v < MOST_VARIABLES; v++) {
        if (!differs[v] && text[i] != variables[v][matched[v]++]) differs[v] = 1;
        if (text[i]) continue;
        if (!differs[v]) has[v] = 1;
        differs[v] = 0;
        matched[v] = 0;
      }
    }
  }
  close_file(file);
  for (int v = 0; variables[v] && v < MOST_VARIABLES; v++) {
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
      process.is_stray = (char)has_all(pid, variables);
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
 * kill it at the end of the tracer, and then the kernel ends the whole container.
 */
static void kill_agent(int agent) {
  CALL2(SYS_kill, agent, SIGKILL);
  if (agent != 1) return;
  CALL4(SYS_ptrace, PTRACE_SEIZE, agent, 0, PTRACE_O_EXITKILL);
  end(0);
}

void watch(char **arguments) {
  const char *numbers[3];
  for (int i = 0; i < 3; i++) {
    if (!(numbers[i] = arguments[i])) end(125);
  }
  char **variables = arguments + 3;
  if (!*variables) end(125);
  int agent = (int)number_at(&numbers[0]);
  u32 step = number_at(&numbers[1]), left = number_at(&numbers[2]), word = 0;
  u64 all_signals = ~0ul;
  CALL4(SYS_rt_sigprocmask, SIG_SETMASK, &all_signals, 0, sizeof all_signals);
  /* The child is nobody's: it is not found among the processes of the agent. */
  if (call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0) != 0) end(0);
  CALL1(SYS_setsid, 0);
  CALL1(SYS_chdir, "/");
  while (left > 0) {
    if (!wait_for(0, POLLIN, step)) {
      if (!is_stopped(look_at(agent))) left--;
    } else if (CALL3(SYS_read, 0, &word, sizeof word) == sizeof word) {
      left = word & ~KILL_AT_END;
    } else {
      if (word & KILL_AT_END) kill_strays(variables);
      end(0);
    }
  }
  say("the agent hangs: its watch ends it, and what it has started\n");
  kill_agent(agent);
  kill_strays(variables);
  end(0);
}
