/*
 * rotate_switch - waits until DNS has the new key, and exchanges the line of the key table
 */
#ifndef ROTATE_SWITCH_H
#define ROTATE_SWITCH_H

#include "rotation.h"

/* Signs with the new key as soon as everybody can see its record. */
bool rotate_publish(struct rotation *rotation, struct error *error);

#endif
