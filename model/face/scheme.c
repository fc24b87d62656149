#include "face/scheme.h"

#include <math.h>
#include <string.h>

/* ---- 98 points, WFLW ------------------------------------------------------------------------
 * Brows are outlines: the upper edge from left to right, then the lower edge back. */

static const char *const names98[98] = {
    "jaw_0", "jaw_1", "jaw_2", "jaw_3", "jaw_4", "jaw_5", "jaw_6", "jaw_7", "jaw_8", "jaw_9",
    "jaw_10", "jaw_11", "jaw_12", "jaw_13", "jaw_14", "jaw_15", "chin", "jaw_17", "jaw_18",
    "jaw_19", "jaw_20", "jaw_21", "jaw_22", "jaw_23", "jaw_24", "jaw_25", "jaw_26", "jaw_27",
    "jaw_28", "jaw_29", "jaw_30", "jaw_31", "jaw_32",
    /* 33 */
    "left_brow_outer", "left_brow_upper_1", "left_brow_upper_2", "left_brow_upper_3",
    "left_brow_upper_inner", "left_brow_lower_inner", "left_brow_lower_3", "left_brow_lower_2",
    "left_brow_lower_1",
    /* 42 */
    "right_brow_upper_inner", "right_brow_upper_3", "right_brow_upper_2", "right_brow_upper_1",
    "right_brow_outer", "right_brow_lower_1", "right_brow_lower_2", "right_brow_lower_3",
    "right_brow_lower_inner",
    /* 51 */
    "nose_bridge_0", "nose_bridge_1", "nose_bridge_2", "nose_tip", "nose_left_wing",
    "nose_left_nostril", "nose_base", "nose_right_nostril", "nose_right_wing",
    /* 60 */
    "left_eye_outer", "left_eye_upper_1", "left_eye_upper_2", "left_eye_upper_3", "left_eye_inner",
    "left_eye_lower_3", "left_eye_lower_2", "left_eye_lower_1",
    /* 68 */
    "right_eye_inner", "right_eye_upper_3", "right_eye_upper_2", "right_eye_upper_1",
    "right_eye_outer", "right_eye_lower_1", "right_eye_lower_2", "right_eye_lower_3",
    /* 76 */
    "mouth_left", "lip_upper_outer_1", "lip_upper_outer_2", "lip_upper_outer_3",
    "lip_upper_outer_4", "lip_upper_outer_5", "mouth_right", "lip_lower_outer_5",
    "lip_lower_outer_4", "lip_lower_outer_3", "lip_lower_outer_2", "lip_lower_outer_1",
    /* 88 */
    "mouth_inner_left", "lip_upper_inner_1", "lip_upper_inner_2", "lip_upper_inner_3",
    "mouth_inner_right", "lip_lower_inner_3", "lip_lower_inner_2", "lip_lower_inner_1",
    /* 96 */
    "left_pupil", "right_pupil"};

static const uint8_t flip98[98] = {
    32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, /* jaw */
    15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4,  3,  2,  1,  0,      /* jaw */
    46, 45, 44, 43, 42, 50, 49, 48, 47,                                 /* left brow */
    37, 36, 35, 34, 33, 41, 40, 39, 38,                                 /* right brow */
    51, 52, 53, 54, 59, 58, 57, 56, 55,                                 /* nose */
    72, 71, 70, 69, 68, 75, 74, 73,                                     /* left eye */
    64, 63, 62, 61, 60, 67, 66, 65,                                     /* right eye */
    82, 81, 80, 79, 78, 77, 76, 87, 86, 85, 84, 83,                     /* outer lips */
    92, 91, 90, 89, 88, 95, 94, 93,                                     /* inner lips */
    97, 96};

static const struct wt_curve curves98[] = {
    {WT_PART_JAW, false, 33, {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
                              17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32}},
    {WT_PART_BROW, false, 5, {33, 34, 35, 36, 37}},
    {WT_PART_BROW, false, 5, {42, 43, 44, 45, 46}},
    {WT_PART_EYE, true, 5, {60, 61, 62, 63, 64}},
    {WT_PART_EYE, false, 5, {60, 67, 66, 65, 64}},
    {WT_PART_EYE, true, 5, {68, 69, 70, 71, 72}},
    {WT_PART_EYE, false, 5, {68, 75, 74, 73, 72}},
    {WT_PART_NOSE, false, 4, {51, 52, 53, 54}},
    {WT_PART_NOSE, false, 5, {55, 56, 57, 58, 59}},
    {WT_PART_LIPS, true, 7, {76, 77, 78, 79, 80, 81, 82}},
    {WT_PART_LIPS, false, 7, {76, 87, 86, 85, 84, 83, 82}},
    {WT_PART_LIPS, true, 5, {88, 89, 90, 91, 92}},
    {WT_PART_LIPS, false, 5, {88, 95, 94, 93, 92}},
};

static const struct wt_curve edges98[] = {
    {WT_PART_BROW, false, 6, {33, 41, 40, 39, 38, 37}},
    {WT_PART_BROW, false, 6, {46, 47, 48, 49, 50, 42}},
};

static const uint8_t left_eye98[] = {60, 61, 62, 63, 64, 65, 66, 67};
static const uint8_t right_eye98[] = {68, 69, 70, 71, 72, 73, 74, 75};

/* ---- 68 points, 300W ------------------------------------------------------------------------ */

static const char *const names68[68] = {
    "jaw_0", "jaw_1", "jaw_2", "jaw_3", "jaw_4", "jaw_5", "jaw_6", "jaw_7", "chin", "jaw_9",
    "jaw_10", "jaw_11", "jaw_12", "jaw_13", "jaw_14", "jaw_15", "jaw_16",
    /* 17 */
    "left_brow_outer", "left_brow_1", "left_brow_2", "left_brow_3", "left_brow_inner",
    /* 22 */
    "right_brow_inner", "right_brow_3", "right_brow_2", "right_brow_1", "right_brow_outer",
    /* 27 */
    "nose_bridge_0", "nose_bridge_1", "nose_bridge_2", "nose_tip", "nose_left_wing",
    "nose_left_nostril", "nose_base", "nose_right_nostril", "nose_right_wing",
    /* 36 */
    "left_eye_outer", "left_eye_upper_1", "left_eye_upper_2", "left_eye_inner", "left_eye_lower_2",
    "left_eye_lower_1",
    /* 42 */
    "right_eye_inner", "right_eye_upper_2", "right_eye_upper_1", "right_eye_outer",
    "right_eye_lower_1", "right_eye_lower_2",
    /* 48 */
    "mouth_left", "lip_upper_outer_1", "lip_upper_outer_2", "lip_upper_outer_3",
    "lip_upper_outer_4", "lip_upper_outer_5", "mouth_right", "lip_lower_outer_5",
    "lip_lower_outer_4", "lip_lower_outer_3", "lip_lower_outer_2", "lip_lower_outer_1",
    /* 60 */
    "mouth_inner_left", "lip_upper_inner_1", "lip_upper_inner_2", "lip_upper_inner_3",
    "mouth_inner_right", "lip_lower_inner_3", "lip_lower_inner_2", "lip_lower_inner_1"};

static const uint8_t flip68[68] = {16, 15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,
                                   4,  3,  2,  1,  0,                              /* jaw */
                                   26, 25, 24, 23, 22, 21, 20, 19, 18, 17,         /* brows */
                                   27, 28, 29, 30, 35, 34, 33, 32, 31,             /* nose */
                                   45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40, /* eyes */
                                   54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, /* outer lips */
                                   64, 63, 62, 61, 60, 67, 66, 65};                /* inner lips */

static const struct wt_curve curves68[] = {
    {WT_PART_JAW, false, 17, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
    {WT_PART_BROW, false, 5, {17, 18, 19, 20, 21}},
    {WT_PART_BROW, false, 5, {22, 23, 24, 25, 26}},
    {WT_PART_EYE, true, 4, {36, 37, 38, 39}},
    {WT_PART_EYE, false, 4, {36, 41, 40, 39}},
    {WT_PART_EYE, true, 4, {42, 43, 44, 45}},
    {WT_PART_EYE, false, 4, {42, 47, 46, 45}},
    {WT_PART_NOSE, false, 4, {27, 28, 29, 30}},
    {WT_PART_NOSE, false, 5, {31, 32, 33, 34, 35}},
    {WT_PART_LIPS, true, 7, {48, 49, 50, 51, 52, 53, 54}},
    {WT_PART_LIPS, false, 7, {48, 59, 58, 57, 56, 55, 54}},
    {WT_PART_LIPS, true, 5, {60, 61, 62, 63, 64}},
    {WT_PART_LIPS, false, 5, {60, 67, 66, 65, 64}},
};

static const uint8_t left_eye68[] = {36, 37, 38, 39, 40, 41};
static const uint8_t right_eye68[] = {42, 43, 44, 45, 46, 47};

/* ---- 29 points, COFW ------------------------------------------------------------------------ */

static const char *const names29[29] = {
    "left_brow_outer", "right_brow_outer", "left_brow_inner", "right_brow_inner", "left_brow_upper",
    "left_brow_lower", "right_brow_upper", "right_brow_lower",
    /* 8 */
    "left_eye_outer", "right_eye_outer", "left_eye_inner", "right_eye_inner", "left_eye_upper",
    "left_eye_lower", "right_eye_upper", "right_eye_lower", "left_pupil", "right_pupil",
    /* 18 */
    "nose_left_wing", "nose_right_wing", "nose_tip", "nose_base",
    /* 22 */
    "mouth_left", "mouth_right", "lip_upper_outer", "lip_upper_inner", "lip_lower_inner",
    "lip_lower_outer", "chin"};

static const uint8_t flip29[29] = {1,  0,  3,  2,  6,  7,  4,  5,  9,  8,  11, 10, 14, 15, 12,
                                   13, 17, 16, 19, 18, 20, 21, 23, 22, 24, 25, 26, 27, 28};

static const struct wt_curve curves29[] = {
    {WT_PART_BROW, true, 3, {0, 4, 2}},     {WT_PART_BROW, false, 3, {0, 5, 2}},
    {WT_PART_BROW, true, 3, {1, 6, 3}},     {WT_PART_BROW, false, 3, {1, 7, 3}},
    {WT_PART_EYE, true, 3, {8, 12, 10}},    {WT_PART_EYE, false, 3, {8, 13, 10}},
    {WT_PART_EYE, true, 3, {9, 14, 11}},    {WT_PART_EYE, false, 3, {9, 15, 11}},
    {WT_PART_NOSE, false, 3, {18, 21, 19}}, {WT_PART_LIPS, true, 3, {22, 24, 23}},
    {WT_PART_LIPS, false, 3, {22, 25, 23}}, {WT_PART_LIPS, true, 3, {22, 26, 23}},
    {WT_PART_LIPS, false, 3, {22, 27, 23}},
};

static const uint8_t left_eye29[] = {8, 10, 12, 13};
static const uint8_t right_eye29[] = {9, 11, 14, 15};

/* ---- 19 points, AFLW ------------------------------------------------------------------------
 * AFLW's 21 types without the ears. The method's published list ends the right brow one point
 * early; here it goes on to its outer end, as the left one does, so that a mirrored face has
 * mirrored boundaries. Mouth and chin have no curve in this scheme. */

static const char *const names19[19] = {"left_brow_outer",
                                        "left_brow_middle",
                                        "left_brow_inner",
                                        "right_brow_inner",
                                        "right_brow_middle",
                                        "right_brow_outer",
                                        "left_eye_outer",
                                        "left_pupil",
                                        "left_eye_inner",
                                        "right_eye_inner",
                                        "right_pupil",
                                        "right_eye_outer",
                                        "nose_left_wing",
                                        "nose_tip",
                                        "nose_right_wing",
                                        "mouth_left",
                                        "mouth_middle",
                                        "mouth_right",
                                        "chin"};

static const uint8_t flip19[19] = {5, 4, 3,  2,  1,  0,  11, 10, 9, 8,
                                   7, 6, 14, 13, 12, 17, 16, 15, 18};

static const struct wt_curve curves19[] = {
    {WT_PART_BROW, false, 3, {0, 1, 2}},    {WT_PART_BROW, false, 3, {3, 4, 5}},
    {WT_PART_EYE, false, 3, {6, 7, 8}},     {WT_PART_EYE, false, 3, {9, 10, 11}},
    {WT_PART_NOSE, false, 3, {12, 13, 14}},
};

static const uint8_t left_eye19[] = {6, 7, 8};
static const uint8_t right_eye19[] = {9, 10, 11};

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const struct wt_scheme schemes[] = {
    {"wflw98",
     98,
     names98,
     flip98,
     curves98,
     COUNT(curves98),
     edges98,
     COUNT(edges98),
     {60, 72},
     {96, 97},
     {left_eye98, right_eye98},
     COUNT(left_eye98)},
    {"300w68",
     68,
     names68,
     flip68,
     curves68,
     COUNT(curves68),
     NULL,
     0,
     {36, 45},
     {-1, -1},
     {left_eye68, right_eye68},
     COUNT(left_eye68)},
    {"cofw29",
     29,
     names29,
     flip29,
     curves29,
     COUNT(curves29),
     NULL,
     0,
     {8, 9},
     {16, 17},
     {left_eye29, right_eye29},
     COUNT(left_eye29)},
    {"aflw19",
     19,
     names19,
     flip19,
     curves19,
     COUNT(curves19),
     NULL,
     0,
     {6, 11},
     {7, 10},
     {left_eye19, right_eye19},
     COUNT(left_eye19)},
};

const struct wt_curve *wt_scheme_line(const struct wt_scheme *scheme, int i)
{
    if (i < scheme->curves)
        return &scheme->curve[i];
    return i < scheme->curves + scheme->edges ? &scheme->edge[i - scheme->curves] : NULL;
}

const struct wt_scheme *wt_scheme_get(int points)
{
    for (int i = 0; i < COUNT(schemes); i++)
        if (schemes[i].points == points)
            return &schemes[i];
    return NULL;
}

const struct wt_scheme *wt_scheme_by_name(const char *name)
{
    for (int i = 0; name && i < COUNT(schemes); i++)
        if (strcmp(schemes[i].name, name) == 0)
            return &schemes[i];
    return NULL;
}

/* ---- conversions ----------------------------------------------------------------------------
 * A converted point is the mean of two of the 98; both the same where one point answers exactly. */

/* 300W has the brow as one line and WFLW as an outline: the line is the outline's middle. Jaw and
 * eyes are thinned out; nose and lips are the same points. */
static const uint8_t to68[68][2] = {
    {0, 0},   {2, 2},   {4, 4},   {6, 6},   {8, 8},   {10, 10}, {12, 12}, {14, 14}, {16, 16},
    {18, 18}, {20, 20}, {22, 22}, {24, 24}, {26, 26}, {28, 28}, {30, 30}, {32, 32}, /* jaw */
    {33, 33}, {34, 41}, {35, 40}, {36, 39}, {37, 38},                               /* left brow */
    {42, 50}, {43, 49}, {44, 48}, {45, 47}, {46, 46},                               /* right brow */
    {51, 51}, {52, 52}, {53, 53}, {54, 54},                                         /* bridge */
    {55, 55}, {56, 56}, {57, 57}, {58, 58}, {59, 59},                               /* base */
    {60, 60}, {61, 61}, {63, 63}, {64, 64}, {65, 65}, {67, 67},                     /* left eye */
    {68, 68}, {69, 69}, {71, 71}, {72, 72}, {73, 73}, {75, 75},                     /* right eye */
    {76, 76}, {77, 77}, {78, 78}, {79, 79}, {80, 80}, {81, 81}, {82, 82},           /* outer lips */
    {83, 83}, {84, 84}, {85, 85}, {86, 86}, {87, 87},                               /* outer lips */
    {88, 88}, {89, 89}, {90, 90}, {91, 91}, {92, 92}, {93, 93}, {94, 94}, {95, 95}, /* inner lips */
};

/* COFW marks ends and middles. Every one of its points has a partner among the 98, except the
 * inner end of a brow: WFLW cuts the brow off there with an edge from 37 to 38 (42 to 50), whose
 * middle is the end. */
static const uint8_t to29[29][2] = {
    {33, 33}, {46, 46},                     /* outer ends of the brows */
    {37, 38}, {42, 50},                     /* inner ends */
    {35, 35}, {40, 40}, {44, 44}, {48, 48}, /* middle of upper and lower edge: left, right brow */
    {60, 60}, {72, 72}, {64, 64}, {68, 68}, /* eye corners: both outer, both inner */
    {62, 62}, {66, 66}, {70, 70}, {74, 74}, /* middle of upper and lower lid: left, right eye */
    {96, 96}, {97, 97},                     /* pupils */
    {55, 55}, {59, 59}, {54, 54}, {57, 57}, /* nose: wings, tip, base */
    {76, 76}, {82, 82},                     /* mouth corners */
    {79, 79}, {90, 90}, {94, 94}, {85, 85}, /* middle of the lips from top to bottom */
    {16, 16},                               /* chin */
};

/* AFLW marks brows by three points on their middle line, the wings of the nose ("ear" of it) and
 * the mouth's middle. */
static const uint8_t to19[19][2] = {
    {33, 33}, {35, 40}, {37, 38}, /* left brow: outer, middle, inner */
    {42, 50}, {44, 48}, {46, 46}, /* right brow: inner, middle, outer */
    {60, 60}, {96, 96}, {64, 64}, /* left eye: outer corner, pupil, inner corner */
    {68, 68}, {97, 97}, {72, 72}, /* right eye */
    {55, 55}, {54, 54}, {59, 59}, /* nose: left wing, tip, right wing */
    {76, 76}, {90, 94}, {82, 82}, /* mouth: left, middle, right */
    {16, 16},                     /* chin */
};

static const uint8_t (*table_for(int points))[2]
{
    return points == 68 ? to68 : points == 29 ? to29 : points == 19 ? to19 : NULL;
}

static struct wt_point middle(struct wt_point a, struct wt_point b)
{
    return (struct wt_point){(a.x + b.x) * 0.5f, (a.y + b.y) * 0.5f};
}

enum wt_status wt_points_convert(const struct wt_point *from, int from_points, struct wt_point *to,
                                 int to_points)
{
    const uint8_t(*table)[2] = to_points == 19 ? NULL : table_for(to_points);
    if (!from || !to || from_points < 1)
        return WT_ERR_ARGUMENT;
    if (from_points == to_points) {
        memmove(to, from, sizeof(*to) * (size_t)to_points);
        return WT_OK;
    }
    if (from_points != 98 || !table)
        return WT_ERR_UNSUPPORTED;

    struct wt_point out[68]; /* from and to may be the same array */
    for (int i = 0; i < to_points; i++) {
        const struct wt_point a = from[table[i][0]], b = from[table[i][1]];
        out[i] = table[i][0] == table[i][1] ? a : middle(a, b);
    }
    memcpy(to, out, sizeof(*to) * (size_t)to_points);
    return WT_OK;
}

/* Index of the point that is the middle of a and b of the 98, or -1. */
static int index_of(const uint8_t (*table)[2], int points, int a, int b)
{
    if (!table)
        return a == b ? a : -1; /* the 98 themselves */
    for (int i = 0; i < points; i++)
        if (table[i][0] == a && table[i][1] == b)
            return i;
    return -1;
}

enum wt_status wt_points_convert_known(const struct wt_point *from, int from_points,
                                       struct wt_point *to, int to_points)
{
    const uint8_t(*have)[2] = table_for(from_points), (*want)[2] = table_for(to_points);
    struct wt_point out[98];
    if ((from_points != 98 && !have) || (to_points != 98 && !want))
        return WT_ERR_UNSUPPORTED;
    for (int i = 0; i < to_points; i++) {
        const int a = want ? want[i][0] : i, b = want ? want[i][1] : i;
        const int same = index_of(have, from_points, a, b);
        const int ia = index_of(have, from_points, a, a), ib = index_of(have, from_points, b, b);
        if (from_points == to_points)
            out[i] = from[i];
        else if (same >= 0)
            out[i] = from[same];
        else if (ia >= 0 && ib >= 0)
            out[i] = middle(from[ia], from[ib]);
        else
            out[i] = (struct wt_point){NAN, NAN};
    }
    memcpy(to, out, sizeof(*to) * (size_t)to_points);
    return WT_OK;
}

int wt_points_sources(int from_points, int to_points, int i, int source[2])
{
    const uint8_t(*table)[2] = from_points == 98 ? table_for(to_points) : NULL;
    source[0] = source[1] = i;
    if (i < 0 || i >= to_points)
        return 0;
    if (from_points == to_points)
        return 1;
    if (!table)
        return 0;
    source[0] = table[i][0];
    source[1] = table[i][1];
    return source[0] == source[1] ? 1 : 2;
}
