/* What the starter does. It gets the arguments behind its name. */
#pragma once
#include "system.h"

/* Becomes another program, as `start.c` says. */
void __attribute__((noreturn)) start(char **arguments, char **environment);
