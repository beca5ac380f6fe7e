/*
 * rotate_make - waits until a key is old enough, and makes the next one
 */
#ifndef ROTATE_MAKE_H
#define ROTATE_MAKE_H

#include "rotation.h"

/* A key like the old one; it may have been made by a run that was cut off. */
bool rotate_make(struct rotation *rotation, struct error *error);

/* Is it time? The name of the new key is written down before the key is made. */
bool rotate_idle(struct rotation *rotation, struct error *error);

#endif
