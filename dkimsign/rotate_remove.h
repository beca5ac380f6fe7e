/*
 * rotate_remove - keeps the old record while mail needs it, and then has it removed
 */
#ifndef ROTATE_REMOVE_H
#define ROTATE_REMOVE_H

#include "rotation.h"

/* Mail signed with the old key may still be on its way. */
bool rotate_keep(struct rotation *rotation, struct error *error);

/* Waits until the old record is gone. */
bool rotate_remove(struct rotation *rotation, struct error *error);

#endif
