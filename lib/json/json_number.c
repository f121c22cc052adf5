/* SPDX-License-Identifier: Apache-2.0 */
#include "json_number.h"

static bool is_digit(const uint8_t *at, const uint8_t *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

static const uint8_t *skip_digits(const uint8_t *at, const uint8_t *end)
{
    while (is_digit(at, end))
        at++;
    return at;
}

const char *json_number_scan(const uint8_t *at, const uint8_t *end, const uint8_t **ret_end)
{
    const char *problem = NULL;
    if (*at == '-') at++;
    if (!is_digit(at, end)) problem = "a number needs a digit here";
    if (!problem && *at == '0' && is_digit(at + 1, end)) problem = "a number has no leading zeros";
    if (!problem) at = skip_digits(at, end);
    if (!problem && at < end && *at == '.') {
        at++;
        if (!is_digit(at, end)) problem = "a number needs a digit behind its point";
        at = skip_digits(at, end);
    }
    if (!problem && at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-')) at++;
        if (!is_digit(at, end)) problem = "a number needs a digit in its exponent";
        at = skip_digits(at, end);
    }
    *ret_end = at;
    return problem;
}

/*
 * A number is 0.D times 10 to the power of (point + exponent), where D are its digits from the first that is not 0 to the
 * last that is not 0. The exponent stays text, since it may have any number of digits.
 */
struct decimal {
    bool negative;
    const uint8_t *first, *last; /* the significant digits; a point may lie between; both NULL for 0 */
    int64_t point;
    bool exponent_negative;
    const uint8_t *exponent, *end; /* its digits */
};

static struct decimal decimal_of(struct slice text)
{
    const uint8_t *at = text.data, *end = at + text.size;
    struct decimal decimal = {.negative = *at == '-', .exponent = end, .end = end};
    bool behind_point = false;
    for (at += decimal.negative; at < end && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.') {
            behind_point = true;
            continue;
        }
        if (*at != '0') {
            if (!decimal.first) decimal.first = at;
            decimal.last = at;
        }
        /* Digits before the point move it to the right, zeros behind it and before the first digit to the left. */
        if (decimal.first && !behind_point) decimal.point++;
        if (!decimal.first && behind_point) decimal.point--;
    }
    if (at < end) at++;
    if (at < end && (*at == '+' || *at == '-')) decimal.exponent_negative = *at++ == '-';
    decimal.exponent = at;
    return decimal;
}

/* The digit of the exponent that counts 10 to the power of `place`, with the exponent's sign. */
static int exponent_digit(const struct decimal *decimal, size_t place)
{
    size_t size = (size_t)(decimal->end - decimal->exponent);
    if (place >= size) return 0;
    int digit = decimal->exponent[size - 1 - place] - '0';
    return decimal->exponent_negative ? -digit : digit;
}

/* Whether a's exponent is b's plus `difference`. */
static bool exponents_differ_by(const struct decimal *a, const struct decimal *b, int64_t difference)
{
    /* Once so far from 0, what further digits bring (each at most 18) cannot lead back: no overflow, and no need to go on. */
    const int64_t far = INT64_MAX / 100;
    size_t size_a = (size_t)(a->end - a->exponent), size_b = (size_t)(b->end - b->exponent);
    int64_t sum = 0;
    for (size_t place = size_a > size_b ? size_a : size_b; place-- > 0;) {
        sum = sum * 10 + exponent_digit(a, place) - exponent_digit(b, place);
        if (sum > far || sum < -far) return false;
    }
    return sum == difference;
}

static bool same_digits(const struct decimal *a, const struct decimal *b)
{
    const uint8_t *at_a = a->first, *at_b = b->first;
    while (at_a <= a->last && at_b <= b->last) {
        if (*at_a == '.') at_a++;
        else if (*at_b == '.') at_b++;
        else if (*at_a++ != *at_b++) return false;
    }
    return at_a > a->last && at_b > b->last;
}

bool json_number_equal(struct slice a, struct slice b)
{
    if (slice_equal(a, b)) return true;
    struct decimal first = decimal_of(a), second = decimal_of(b);
    if (!first.first || !second.first) return !first.first && !second.first;
    return first.negative == second.negative && same_digits(&first, &second) &&
           exponents_differ_by(&first, &second, second.point - first.point);
}
