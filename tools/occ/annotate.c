/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "annotation.h"
#include "arguments.h"
#include "described.h"
#include "place.h"
#include "terminal.h"
#include "verb.h"

enum { OPTION_JSON = 256 };

/* Where memory is short it is told by json_print. */
static json_t *json_of_line(const struct annotated_line *line)
{
    char *text = strndup(line->text, line->length);
    json_t *json = text ? json_of_text(text) : NULL;
    free(text);
    return json;
}

static int print_json(const struct annotation *annotation)
{
    int code = EXIT_DONE;
    for (size_t i = 0; i < annotation->line_count && !code; i++) {
        const struct annotated_line *line = &annotation->lines[i];
        const struct occfs_version *version = &annotation->versions[line->version];
        code = json_print(json_pack("{s:I, s:I, s:s, s:I, s:o, s:o, s:o, s:o}", "line", (json_int_t)(i + 1), "ordinal",
                                    (json_int_t)version->ordinal, "token", version->token, "uid",
                                    (json_int_t)version->writer.uid, "command", json_of_text(version->writer.command),
                                    "time", json_of_time(version->time), "message", json_of_text(version->message),
                                    "text", json_of_line(line)));
    }
    return code;
}

static int decimal_width(unsigned long long number)
{
    return snprintf(NULL, 0, "%llu", number);
}

static int print_text_lines(const struct annotation *annotation)
{
    int user_width = 0, number_width = decimal_width(annotation->line_count);
    int ordinal_width = decimal_width(annotation->versions[0].ordinal);
    for (size_t i = 0; i < annotation->version_count; i++) {
        int width = (int)strlen(user_name(annotation->versions[i].writer.uid));
        if (width > user_width) user_width = width;
    }
    for (size_t i = 0; i < annotation->line_count; i++) {
        const struct annotated_line *line = &annotation->lines[i];
        const struct occfs_version *version = &annotation->versions[line->version];
        char when[TIME_TEXT_SIZE];
        time_text_short(version->time, when);
        printf("%s%*llu%s (%-*s %s %*zu) ", colour(COLOUR_YELLOW), ordinal_width, (unsigned long long)version->ordinal,
               colour(COLOUR_NONE), user_width, user_name(version->writer.uid), when, number_width, i + 1);
        fwrite(line->text, 1, line->length, stdout);
        putchar('\n');
    }
    return EXIT_DONE;
}

static int annotate(const struct place *place, bool json)
{
    struct annotation annotation;
    struct occfs_version version;
    int error = place_version(place, &version);
    if (!error) error = annotation_init(&annotation, place->file, &version);
    if (error == -EILSEQ) {
        complain(place->text, "has no lines (it is binary)");
        return EXIT_NO;
    }
    if (error) return failure(place->text, error);
    if (!json) pager_begin();
    int code = json ? print_json(&annotation) : print_text_lines(&annotation);
    annotation_release(&annotation);
    return code;
}

static int run(int argc, char *argv[])
{
    struct place place;
    bool json = false;
    int id;
    while ((id = option_next(argc, argv)) != -1)
        json |= id == OPTION_JSON;
    operands_check(argc, 1, 1);
    int error = place_init(&place, argv[optind]);
    if (error) return place_failure(argv[optind], error);
    int code = annotate(&place, json);
    place_release(&place);
    int end = pager_end();
    return end ? end : code;
}

const struct verb verb_of_annotate = {
    .name = "annotate",
    .operands = "FILE[@@N]",
    .summary = "tell which version each line came with",
    .help =
        "Prints each line of FILE, or of version N of it, with the version that it came with: its ordinal, who made\n"
        "it and when.",
    .options =
        (const struct verb_option[]){
            {OPTION_JSON, "json", ARGUMENT_NONE, NULL, "one JSON object a line", NULL},
            {0},
        },
    .operand = ARGUMENT_VERSION,
    .run = run,
};
