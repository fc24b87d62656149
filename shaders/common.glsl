// In front of every shader. Positions are in pixels of the window, their edges at integers, origin
// top left.
uniform vec2 u_window; // size in pixels

vec4 to_clip(vec2 position)
{
    vec2 p = position / u_window * 2.0 - 1.0;
    return vec4(p.x, -p.y, 0.0, 1.0);
}

// Corner of a quad drawn as a strip of four.
vec2 corner(int vertex)
{
    return vec2(float(vertex & 1), float(vertex >> 1));
}
