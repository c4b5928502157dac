"""Which asynchronous functions touch files on the event loop, as the syntax trees tell.

Calls are followed of functions by name, of methods of `self`, and of what is imported from other modules. A function
that is handed to a thread is not called by whoever hands it over, so it does not count.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

OF_OS = {
    "access", "chmod", "chown", "fstatvfs", "fsync", "ftruncate", "getxattr", "link", "listdir", "listxattr", "lstat",
    "makedirs", "mkdir", "open", "pread", "pwrite", "readlink", "remove", "rename", "replace", "rmdir", "scandir",
    "setxattr", "stat", "statvfs", "symlink", "sync", "truncate", "unlink", "utime", "walk",
}  # fmt: skip
OF_PATHS = {
    "chmod", "exists", "glob", "hardlink_to", "is_dir", "is_file", "is_mount", "is_symlink", "iterdir", "lexists",
    "lstat", "mkdir", "open", "read_bytes", "read_text", "readlink", "rename", "resolve", "rglob", "rmdir", "samefile",
    "stat", "symlink_to", "touch", "unlink", "write_bytes", "write_text",
}  # fmt: skip
OF_MODULES = ("shutil.", "subprocess.", "time.sleep", "socket.getaddrinfo", "socket.getfqdn", "fcntl.flock")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Key = tuple[str, str]
"""A module, and the qualified name of a function in it."""


@dataclass(frozen=True, slots=True)
class Module:
    """What one file defines and imports. Imported names are written in full."""

    functions: dict[str, Function] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)


def touching(root: Path) -> Iterator[str]:
    """Yield `module.function: call` for each call in an asynchronous function that blocks on a file or a name."""
    modules = {name(path, root): read(path) for path in sorted(root.rglob("*.py"))}
    blocking = closed(modules)
    for module, content in modules.items():
        for function, node in content.functions.items():
            if isinstance(node, ast.AsyncFunctionDef):
                for call in calls(node):
                    if touches(call, content) or target(call, (module, function), modules) in blocking:
                        yield f"{module}.{function}: {ast.unparse(call.func)}"


def closed(modules: Mapping[str, Module]) -> set[Key]:
    """Return the functions that block, themselves or through what they call."""
    plain = {
        (module, function): [*calls(node)]
        for module, content in modules.items()
        for function, node in content.functions.items()
        if isinstance(node, ast.FunctionDef)
    }
    found = {key for key, made in plain.items() if any(touches(call, modules[key[0]]) for call in made)}
    targets = {key: {target(call, key, modules) for call in made} for key, made in plain.items()}
    while more := {key for key, called in targets.items() if key not in found and called & found}:
        found |= more
    return found


def name(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root.parent).with_suffix("").parts).removesuffix(".__init__")


def read(path: Path) -> Module:
    tree, module = ast.parse(path.read_text()), Module()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module.imported.update({one.asname or one.name: f"{node.module}.{one.name}" for one in node.names})
        elif isinstance(node, ast.Import):
            module.imported.update({one.asname or one.name: one.name for one in node.names})
    define(tree, "", module.functions)
    return module


def define(node: ast.AST, above: str, functions: dict[str, Function]) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            if isinstance(child, Function):
                functions[above + child.name] = child
            define(child, f"{above}{child.name}.", functions)
        else:
            define(child, above, functions)


def calls(function: Function) -> Iterator[ast.Call]:
    """Yield the calls that a function makes itself and does not await."""
    awaited: set[ast.AST] = set()
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.Await):
            awaited.add(node.value)
        elif isinstance(node, ast.AsyncFor):
            awaited.add(node.iter)
        elif isinstance(node, ast.AsyncWith):
            awaited.update(item.context_expr for item in node.items)
        if isinstance(node, ast.Call) and node not in awaited:
            yield node
        waiting += ast.iter_child_nodes(node)


def touches(call: ast.Call, module: Module) -> bool:
    """Tell whether a call is one of the system's or of a path's that block."""
    text = ast.unparse(call.func)
    if isinstance(call.func, ast.Name):
        text = module.imported.get(text, text)
        return text == "open" or text.startswith(OF_MODULES) or (text.startswith("os.") and text[3:] in OF_OS)
    if not isinstance(call.func, ast.Attribute):
        return False
    if text.startswith("os.") and not text.startswith("os.path."):
        return text[3:] in OF_OS
    return text.startswith(OF_MODULES) or call.func.attr in OF_PATHS


def target(call: ast.Call, caller: Key, modules: Mapping[str, Module]) -> Key | None:
    """Return which function of the program is called, if that can be told."""
    module, function = caller
    content, text = modules[module], ast.unparse(call.func)
    first, _, rest = text.partition(".")
    if first in {"self", "cls"}:
        candidate = f"{function.rpartition('.')[0]}.{rest}"
        return (module, candidate) if candidate in content.functions else None
    for prefix in (f"{function}.", ""):
        for local in (f"{prefix}{text}", f"{prefix}{text}.__init__"):
            if local in content.functions:
                return module, local
    full = f"{content.imported.get(first, '')}.{rest}".strip(".")
    for other in (full.rpartition(".")[0], full.rpartition(".")[0].rpartition(".")[0]):
        wanted = full.removeprefix(f"{other}.")
        for local in (wanted, f"{wanted}.__init__"):
            if other in modules and local in modules[other].functions:
                return other, local
    return None
