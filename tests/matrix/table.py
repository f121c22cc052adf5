# SPDX-License-Identifier: Apache-2.0
"""All programs. The manual has them in this order, in each of its sections."""
import editors
import filters
import git
import interpreters
import replacing
import scripts

PROGRAMS = (editors.PROGRAMS + interpreters.PROGRAMS + filters.PROGRAMS + replacing.PROGRAMS + scripts.PROGRAMS +
            git.PROGRAMS)
