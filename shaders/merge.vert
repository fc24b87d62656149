// Fills the target.
void main()
{
    gl_Position = vec4(corner(gl_VertexID) * 2.0 - 1.0, 0.0, 1.0);
}
