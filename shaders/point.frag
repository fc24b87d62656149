// A disc with a rim, by distance.
uniform vec4 u_halo;

in vec2 v_offset;
flat in vec2 v_radius;
flat in vec4 v_color;
out vec4 o_color;

void main()
{
    float d = length(v_offset);
    float disc = clamp(v_radius.x - d + 0.5, 0.0, 1.0);
    float rim = clamp(v_radius.y - d + 0.5, 0.0, 1.0) * u_halo.a;
    float alpha = disc + rim * (1.0 - disc);
    vec3 color = mix(u_halo.rgb, v_color.rgb, alpha > 0.0 ? disc / alpha : 0.0);
    o_color = vec4(color, alpha * v_color.a);
}
