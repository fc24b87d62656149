layout(location = 0) in vec4 a_point; // centre, radius, radius of the rim
layout(location = 1) in vec4 a_color;

out vec2 v_offset;
flat out vec2 v_radius;
flat out vec4 v_color;

void main()
{
    float reach = a_point.w + 1.0;
    v_offset = (corner(gl_VertexID) * 2.0 - 1.0) * reach;
    v_radius = a_point.zw;
    v_color = a_color;
    gl_Position = to_clip(a_point.xy + v_offset);
}
