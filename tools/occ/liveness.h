/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_LIVENESS_H
#define OCC_LIVENESS_H

/*
 * Live files have no drafts: every write shows at once, and nothing is compared. A verb whose promise is that nobody's change is lost does
 * not write to them. EXIT_DONE, or EXIT_FAILURE_IO with a complaint. What else is wrong with the file is for the caller to find out.
 */
int liveness_refuse(const char *file);

#endif
