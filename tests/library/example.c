/* Prints the landmarks of the faces in one picture.
 *   cc example.c $(pkg-config --cflags --libs wingtip) -o example
 *   ./example WEIGHTS.safetensors PICTURE.ppm */
#include <stdio.h>
#include <stdlib.h>

#include <wingtip.h>

int main(int argc, char **argv)
{
    int width = 0, height = 0, depth = 0;
    FILE *file = argc == 3 ? fopen(argv[2], "rb") : NULL;
    if (!file || fscanf(file, "P6 %d %d %d", &width, &height, &depth) != 3 || depth != 255 ||
        width < 1 || width > 16384 || height < 1 || height > 16384 || fgetc(file) == EOF) {
        fprintf(stderr, "usage: example WEIGHTS.safetensors PICTURE.ppm (8 bits a channel)\n");
        return 2;
    }
    size_t size = (size_t)width * (size_t)height * 3;
    uint8_t *pixels = malloc(size);
    if (!pixels || fread(pixels, 1, size, file) != size)
        return 1;
    fclose(file);

    struct wt_image image = {pixels, width, height, width * 3, WT_PIXEL_RGB24};
    struct wt_tracker_options options = {.max_faces = 4, .maps = true};
    struct wt_model *model = NULL;
    struct wt_tracker *tracker = NULL;
    struct wt_result result = {0};
    enum wt_status status = wt_model_open(&model, argv[1], NULL);
    if (!status)
        status = wt_tracker_create(&tracker, model, &options);
    if (!status)
        status = wt_tracker_track(tracker, &image, 0, &result);
    for (int i = 0; i < result.faces; i++) {
        const struct wt_face *face = &result.face[i];
        printf("face %u confidence %.2f points %d\n", face->id, face->confidence, face->points);
        for (int k = 0; k < face->points; k++)
            printf("%d %.1f %.1f %.2f\n", k, face->point[k].x, face->point[k].y,
                   face->point_confidence[k]);
    }
    wt_result_fini(&result);
    wt_tracker_destroy(&tracker);
    wt_model_close(&model);
    free(pixels);
    return status ? 1 : 0;
}
