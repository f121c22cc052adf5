/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_USER_H
#define MODEL_USER_H

/* Who does an operation: 0 is whoever runs the model, 1 and 2 are users without rights, which only root can become. */
enum { USERS = 3 };

/* From here to user_return calls are made with that user's rights and groups. */
void user_become(unsigned user);
void user_return(void);

#endif
