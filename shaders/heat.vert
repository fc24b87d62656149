// The square of a face's crop, wherever its map to the frame and the frame's to the window put it.
uniform vec2 u_corners[4];

out vec2 v_uv; // over the square

void main()
{
    v_uv = corner(gl_VertexID);
    gl_Position = to_clip(u_corners[gl_VertexID]);
}
