# Asks the guide's verification about deliveries: JSON in, a list of answers out. Only what the function needs of the
# guide's program is run, so no more than Python itself has to be there.
import ast
import base64
import json
import pathlib
import sys

wanted = {"SIGNING_SECRET", "verify_signature"}


def is_needed(statement):
    if isinstance(statement, ast.Assign):
        return statement.targets[0].id in wanted
    return isinstance(statement, ast.Import) or getattr(statement, "name", None) in wanted


program = ast.parse(pathlib.Path(__file__).with_name("setup_guide.py").read_text())
program.body = [statement for statement in program.body if is_needed(statement)]
guide = {}
exec(compile(program, "setup_guide.py", "exec"), guide)

deliveries = json.load(sys.stdin)
json.dump([guide["verify_signature"](base64.b64decode(body), headers) for body, headers in deliveries], sys.stdout)
