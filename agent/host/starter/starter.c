/*
 * A program of a few kilobytes that needs no C library, so that it runs in every image. The agent
 * starts each process through it (`start.c`), and is watched by it while it may hang (`watch.c`).
 * `build_starter.ts` compiles it; what that makes is committed as `starter_bytes.ts`.
 */
#include "starter.h"

ENTRY(begin);

/* The compiler has this called where a structure begins as zeros. */
void *memset(void *target, int value, u64 length) {
  for (u64 i = 0; i < length; i++) ((u8 *)target)[i] = (u8)value;
  return target;
}

/* The stack holds the number of arguments, the arguments, a zero, the environment, and a zero. */
void begin(long *stack) {
  long count = stack[0];
  char **arguments = (char **)(stack + 1);
  char **environment = arguments + count + 1;
  char *mode = count > 1 ? arguments[1] : "";
  if (after(mode, "start")) start(arguments + 2, environment);
  if (after(mode, "watch")) watch(arguments + 2);
  end(125);
}
