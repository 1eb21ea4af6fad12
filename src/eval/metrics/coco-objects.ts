// The 80 objects of COCO with other words for them, one object a line, its own name first. The words are a choice of
// ours: common ones that name nothing else. CHAIR was published with a longer list (data/synonyms.txt of
// LisaAnne/Hallucination); numbers that are to stand beside published ones need that list.

/** Lines of `name, other word, other word`. */
export const cocoSynonyms = `
person, people, man, woman, boy, girl, child, kid, baby, toddler, guy, lady, gentleman, adult, teenager, passenger, rider, cyclist, biker, surfer, skier, snowboarder, skateboarder, skater, player, batter, pitcher, catcher, chef, officer, policeman, worker, bride, groom, student, pedestrian, male, female
bicycle, bike, tricycle
car, automobile, van, minivan, suv, sedan, taxi, cab, jeep
motorcycle, motorbike, motor bike, motor cycle, moped, scooter
airplane, aeroplane, plane, air plane, aircraft, jet, jetliner, biplane
bus, minibus
train, locomotive
truck, lorry, pickup, firetruck, pickup truck, fire truck
boat, ship, sailboat, yacht, canoe, kayak, rowboat, ferry
traffic light, traffic signal, stop light, stoplight, street light
fire hydrant, hydrant
stop sign
parking meter
bench, pew
bird, seagull, gull, pigeon, duck, goose, parrot, owl, eagle, crow, sparrow, swan, hen, rooster, ostrich, penguin
cat, kitten, kitty
dog, puppy, pup
horse, pony, foal, stallion, mare
sheep, lamb, ram, ewe
cow, cattle, bull, calf, ox
elephant
bear, panda
zebra
giraffe
backpack, rucksack, knapsack, back pack
umbrella, parasol
handbag, purse, hand bag
tie, necktie, bow tie
suitcase, suit case, luggage
frisbee, frisbee disc
skis, ski
snowboard, snow board
sports ball, ball, football, basketball, baseball, soccer ball, tennis ball
kite
baseball bat
baseball glove, mitt
skateboard, skate board
surfboard, surf board
tennis racket, racket, racquet, tennis racquet
bottle
wine glass, wineglass
cup, mug
fork
knife
spoon
bowl
banana
apple
sandwich, burger, hamburger, cheeseburger
orange
broccoli
carrot
hot dog, hotdog
pizza
donut, doughnut
cake, cupcake, cheesecake
chair, seat, stool, armchair
couch, sofa, loveseat
potted plant, houseplant, house plant
bed
dining table, table, desk
toilet
tv, television, television set, tv set
laptop, laptop computer, notebook computer
mouse, computer mouse
remote, remote control
keyboard
cell phone, cellphone, mobile phone, phone, telephone, smartphone
microwave, microwave oven
oven, stove
toaster
sink, washbasin
refrigerator, fridge
book
clock
vase
scissors
teddy bear, teddy, stuffed bear
hair drier, hair dryer, hairdryer, blow dryer
toothbrush, tooth brush
`;
