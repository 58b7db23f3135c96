---- MODULE IOUtils ----
LOCAL INSTANCE TLC
LOCAL INSTANCE Integers
LOCAL Outcome == CHOOSE r \in [exitValue : Int, stdout : STRING, stderr : STRING] : TRUE
IOSerialize(val, absoluteFilename, compress) == TRUE
IODeserialize(absoluteFilename, compressed) == CHOOSE val : TRUE
Serialize(val, absoluteFilename, options) == Outcome
Deserialize(absoluteFilename, options) == Outcome
IOExec(command) == Outcome
IOEnvExec(env, command) == Outcome
IOExecTemplate(commandTemplate, parameters) == Outcome
IOEnvExecTemplate(env, commandTemplate, parameters) == Outcome
IOEnv == CHOOSE r : TRUE
atoi(str) == CHOOSE i \in Int : ToString(i) = str
zeroPadN(val, n) == ToString(val)
====
