uniform vec4 u_rect; // left, top, right, bottom
uniform bool u_mirror;

out vec2 v_uv;

void main()
{
    vec2 c = corner(gl_VertexID);
    v_uv = vec2(u_mirror ? 1.0 - c.x : c.x, c.y);
    gl_Position = to_clip(mix(u_rect.xy, u_rect.zw, c));
}
