layout(location = 0) in vec2 a_position;
layout(location = 1) in vec3 a_along; // signed distance from the line, from its start, its length
layout(location = 2) in vec3 a_color;

out vec3 v_along;
flat out vec3 v_color;

void main()
{
    v_along = a_along;
    v_color = a_color;
    gl_Position = to_clip(a_position);
}
