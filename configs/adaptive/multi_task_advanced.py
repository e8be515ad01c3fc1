"""The advanced recipe: class weights by effective number, a focal loss on severity.

tools/train_tasks.py configs/adaptive/multi_task_uniform.py --multi-task
--effective-class-weights --loss-types action_class ce severity focal offence ce
Command: python tools/train.py configs/adaptive/multi_task_advanced.py
Hardware: 1 GPU. Result: not measured; see demo_incidents_advanced.py.
"""

_base_ = ['./multi_task_uniform.py']

weighted = dict(class_weight='effective_number')
focal = dict(_delete_=True, type='SafetyFocalLoss', alpha=1.0, **weighted)
model = dict(
    heads=dict(
        action_class=dict(loss=weighted),
        severity=dict(loss=focal),
        offence=dict(loss=weighted),
    )
)
