// The maximum over the maps of the points that are shown, and the boundary map beside it.
uniform sampler2DArray u_maps; // [points + 1] layers, the last one the boundary
uniform int u_points;
uniform uint u_shown[4]; // a bit for each point

out vec2 o_merged;

void main()
{
    ivec2 cell = ivec2(gl_FragCoord.xy);
    float heat = 0.0;
    for (int i = 0; i < u_points; i++)
        if ((u_shown[i >> 5] >> uint(i & 31) & 1u) != 0u)
            heat = max(heat, texelFetch(u_maps, ivec3(cell, i), 0).r);
    o_merged = vec2(heat, texelFetch(u_maps, ivec3(cell, u_points), 0).r);
}
