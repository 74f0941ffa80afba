# Runs Django's own check --deploy over projects, each in a process of its own, with nothing
# of the environment set. Reads {"Dirs": […], "Module": […]} and writes the ids that are
# reported for each, without those that the settings silence.
import json
import os
import sys


def check(folder, module):
    sys.path.insert(0, folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = module
    sys.dont_write_bytecode = True
    import warnings

    warnings.simplefilter("ignore")
    import django

    django.setup()
    from django.core.checks import run_checks

    found = run_checks(include_deployment_checks=True)
    return sorted(m.id for m in found if m.id and m.id.startswith("security.") and not m.is_silenced())


import django.core.management  # before the processes part: it is the same for all
import django.core.checks.security.base
import django.contrib.auth.apps

asked = json.load(sys.stdin)
answers = []
for folder, module in zip(asked.get("Dirs", []), asked.get("Modules", [])):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        for name in list(os.environ):
            if name not in ("PATH", "HOME", "LANG"):
                del os.environ[name]
        try:
            answer = {"Ids": check(folder, module)}
        except BaseException as e:  # whatever a settings module does
            answer = {"Ids": [], "Error": repr(e)}
        os.write(write, json.dumps(answer).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        answers.append(json.load(pipe))
    os.waitpid(child, 0)

libraries = []
for name in ("environ", "decouple", "split_settings"):
    try:
        __import__(name)
        libraries.append(name)
    except ImportError:
        pass
json.dump({"Answers": answers, "Libraries": libraries, "Version": django.get_version()}, sys.stdout)
