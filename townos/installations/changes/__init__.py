"""What an installation changes, one part of the machine in each module, and how it is put back.

Every change knows the plan alone, so that the process that resumes an operation does the same as the one that began it.
Its steps may run again after a crash in their middle, and their undos too.
"""
