// A line with round ends, by distance.
uniform float u_half_width;
uniform vec4 u_halo; // colour of the rim when its alpha is not 0: then the rim alone is drawn
in vec3 v_along;
flat in vec3 v_color;
out vec4 o_color;

void main()
{
    float past = max(max(-v_along.y, v_along.y - v_along.z), 0.0);
    float cover = clamp(u_half_width - length(vec2(v_along.x, past)) + 0.5, 0.0, 1.0);
    o_color = u_halo.a > 0.0 ? vec4(u_halo.rgb, u_halo.a * cover) : vec4(v_color, cover);
}
