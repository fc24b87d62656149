uniform sampler2D u_merged;   // heat, boundary
uniform sampler2D u_colormap; // a row for each of them
uniform vec2 u_weight;        // opacity; 0: not shown

in vec2 v_uv;
out vec4 o_color;

// Catmull-Rom interpolation in nine bilinear reads: the middle two of the four taps of each axis
// share one.
vec2 bicubic(vec2 uv)
{
    vec2 size = vec2(textureSize(u_merged, 0));
    vec2 at = uv * size - 0.5;
    vec2 f = fract(at);
    vec2 base = floor(at) + 0.5;
    vec2 w0 = f * (-0.5 + f * (1.0 - 0.5 * f));
    vec2 w1 = 1.0 + f * f * (1.5 * f - 2.5);
    vec2 w2 = f * (0.5 + f * (2.0 - 1.5 * f));
    vec2 w3 = f * f * (0.5 * f - 0.5);
    vec2 w12 = w1 + w2;
    vec2 p0 = (base - 1.0) / size, p12 = (base + w2 / w12) / size, p3 = (base + 2.0) / size;
    vec2 sum = texture(u_merged, vec2(p12.x, p12.y)).rg * (w12.x * w12.y);
    sum += texture(u_merged, vec2(p0.x, p12.y)).rg * (w0.x * w12.y);
    sum += texture(u_merged, vec2(p3.x, p12.y)).rg * (w3.x * w12.y);
    sum += texture(u_merged, vec2(p12.x, p0.y)).rg * (w12.x * w0.y);
    sum += texture(u_merged, vec2(p12.x, p3.y)).rg * (w12.x * w3.y);
    sum += texture(u_merged, vec2(p0.x, p0.y)).rg * (w0.x * w0.y);
    sum += texture(u_merged, vec2(p3.x, p0.y)).rg * (w3.x * w0.y);
    sum += texture(u_merged, vec2(p0.x, p3.y)).rg * (w0.x * w3.y);
    sum += texture(u_merged, vec2(p3.x, p3.y)).rg * (w3.x * w3.y);
    return sum;
}

void main()
{
    vec2 value = clamp(bicubic(v_uv), 0.0, 1.0);
    vec2 inner = min(v_uv, 1.0 - v_uv);
    float edge = smoothstep(0.0, 0.05, min(inner.x, inner.y));
    // Weight by value, and heatmaps over the boundary, as in recordings (annotate_map.c).
    vec2 alpha = edge * u_weight * smoothstep(vec2(0.06), vec2(0.9, 0.5), value);
    float under = alpha.y * (1.0 - alpha.x);
    float both = alpha.x + under;
    vec3 heat = texture(u_colormap, vec2(value.x, 0.25)).rgb;
    vec3 boundary = texture(u_colormap, vec2(value.y, 0.75)).rgb;
    o_color = vec4((heat * alpha.x + boundary * under) / max(both, 1e-5), both);
}
