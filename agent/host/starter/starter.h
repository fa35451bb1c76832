/* The two things that the starter does. Both get the arguments behind their name. */
#pragma once
#include "system.h"

/* Becomes another program, as `start.c` says. */
void __attribute__((noreturn)) start(char **arguments, char **environment);

/* Watches the agent, as `watch.c` says. */
void __attribute__((noreturn)) watch(char **arguments);
