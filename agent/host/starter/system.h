/*
 * What the starter asks of Linux, without a C library: system calls by number, and the few constants
 * that go with them. Both processors have 64 bits and count bytes from the least significant one.
 */
#pragma once

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

#if defined(__x86_64__)

enum {
  SYS_read = 0, SYS_write = 1, SYS_close = 3, SYS_mmap = 9, SYS_rt_sigprocmask = 14, SYS_ioctl = 16,
  SYS_getpid = 39, SYS_clone = 56, SYS_execve = 59, SYS_wait4 = 61, SYS_kill = 62, SYS_fcntl = 72,
  SYS_chdir = 80, SYS_fchown = 93,
  SYS_ptrace = 101, SYS_setuid = 105, SYS_setgid = 106, SYS_setsid = 112, SYS_setgroups = 116,
  SYS_prctl = 157, SYS_getdents64 = 217, SYS_exit_group = 231, SYS_openat = 257, SYS_faccessat = 269,
  SYS_ppoll = 271, SYS_dup3 = 292, SYS_close_range = 436,
};

static inline long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

/* The kernel leaves the number of arguments, and behind it the arguments, where the stack begins. */
#define ENTRY(function)                                                                            \
  __asm__(".globl _start\n_start:\n  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n"         \
          "  call " #function "\n")

#elif defined(__aarch64__)

enum {
  SYS_dup3 = 24, SYS_fcntl = 25, SYS_ioctl = 29, SYS_faccessat = 48, SYS_chdir = 49, SYS_fchown = 55,
  SYS_openat = 56, SYS_close = 57,
  SYS_getdents64 = 61, SYS_read = 63, SYS_write = 64, SYS_ppoll = 73, SYS_exit_group = 94,
  SYS_ptrace = 117, SYS_kill = 129, SYS_rt_sigprocmask = 135, SYS_setgid = 144, SYS_setuid = 146,
  SYS_setsid = 157, SYS_setgroups = 159, SYS_prctl = 167, SYS_getpid = 172, SYS_clone = 220,
  SYS_execve = 221, SYS_mmap = 222, SYS_wait4 = 260, SYS_close_range = 436,
};

static inline long call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
}

#define ENTRY(function)                                                                            \
  __asm__(".globl _start\n_start:\n  mov x29, 0\n  mov x0, sp\n  bl " #function "\n")

#else
#error "The starter is for x86_64 and aarch64"
#endif

/* A result below zero is the number of an error, with its sign changed. */
#define CALL1(n, a) call(n, (long)(a), 0, 0, 0, 0, 0)
#define CALL2(n, a, b) call(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define CALL3(n, a, b, c) call(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL4(n, a, b, c, d) call(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define CALL5(n, a, b, c, d, e) call(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)

enum {
  ENOENT = 2, ENOEXEC = 8, EACCES = 13, ENOTDIR = 20, EISDIR = 21, EINVAL = 22, ETXTBSY = 26,
  ENAMETOOLONG = 36, ELOOP = 40,
};
enum { AT_FDCWD = -100, F_OK = 0, PATH_MAX = 4096 };
enum {
  O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_NOCTTY = 0400, O_APPEND = 02000, O_CLOEXEC = 02000000,
};
enum { SIGKILL = 9, SIGCHLD = 17, SIGSTOP = 19, SIG_SETMASK = 2 };

static inline int open_file(const char *path, int flags) {
  return (int)CALL4(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC | O_NOCTTY, 0);
}

static inline void close_file(int file) {
  CALL1(SYS_close, file);
}

static inline void __attribute__((noreturn)) end(int code) {
  for (;;) CALL1(SYS_exit_group, code);
}

static inline u64 length_of(const char *text) {
  u64 length = 0;
  while (text[length]) length++;
  return length;
}

/* What follows `prefix` in `text`; null if it begins differently. */
static inline char *after(char *text, const char *prefix) {
  while (*prefix) {
    if (*text++ != *prefix++) return 0;
  }
  return text;
}

/* Reads a number and moves `*text` behind it. */
static inline u32 number_at(const char **text) {
  u32 number = 0;
  for (; **text >= '0' && **text <= '9'; ++*text) number = 10 * number + (u32)(**text - '0');
  return number;
}
