"""Writes the shaders into a C table: embed.py OUT FILE...  Run by meson at build time."""
import os
import sys

with open(sys.argv[1], 'w', encoding='ascii') as out:
    out.write('/* Generated from the folder shaders/. */\n#include "window/gl_util.h"\n\n'
              'const struct wt_shader_text wt_shader_texts[] = {\n')
    for path in sorted(sys.argv[2:], key=os.path.basename):
        out.write('    {"%s",\n' % os.path.basename(path))
        with open(path, encoding='ascii') as shader:
            for line in shader.read().splitlines():
                out.write('     "%s\\n"\n' % line.replace('\\', '\\\\').replace('"', '\\"'))
        out.write('    },\n')
    out.write('    {0, 0},\n};\n')
